/** Security events the application reports, the report over them, and the audit of the database. */
@NullMarked
package io.pgcaretaker.monitoring.security;

import org.jspecify.annotations.NullMarked;
