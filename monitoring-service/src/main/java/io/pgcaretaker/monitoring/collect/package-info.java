/** Reads the database on its own clock: collectors, the lanes that run them, and what they last saw. */
@NullMarked
package io.pgcaretaker.monitoring.collect;

import org.jspecify.annotations.NullMarked;
