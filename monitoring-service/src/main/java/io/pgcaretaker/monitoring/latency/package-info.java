/** How long the application's statements take just now, and what they usually do: for who must not get in their way. */
@NullMarked
package io.pgcaretaker.monitoring.latency;

import org.jspecify.annotations.NullMarked;
