/** How this service speaks to PostgreSQL. */
@NullMarked
package io.pgcaretaker.email.database;

import org.jspecify.annotations.NullMarked;
