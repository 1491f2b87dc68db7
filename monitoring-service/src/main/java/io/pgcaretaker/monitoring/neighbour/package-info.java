/** The other two services, seen over REST. */
@NullMarked
package io.pgcaretaker.monitoring.neighbour;

import org.jspecify.annotations.NullMarked;
