/** What every service's metrics have in common. */
@NullMarked
package io.pgcaretaker.metrics;

import org.jspecify.annotations.NullMarked;
