/** Other databases that are watched too, and asked for at {@code /probe?target=NAME}; those that sleep are left asleep. */
@NullMarked
package io.pgcaretaker.monitoring.probe;

import org.jspecify.annotations.NullMarked;
