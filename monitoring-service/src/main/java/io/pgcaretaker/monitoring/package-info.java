/** Watches PostgreSQL, and tells people and Prometheus. */
@NullMarked
package io.pgcaretaker.monitoring;

import org.jspecify.annotations.NullMarked;
