/** What was collected, as JSON for people and as text for Prometheus. */
@NullMarked
package io.pgcaretaker.monitoring.metrics;

import org.jspecify.annotations.NullMarked;
