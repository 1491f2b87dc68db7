/** How this service speaks to PostgreSQL. */
@NullMarked
package io.pgcaretaker.cleanup.database;

import org.jspecify.annotations.NullMarked;
