/** The kill switch: one row, read at every batch. */
@NullMarked
package io.pgcaretaker.cleanup.stop;

import org.jspecify.annotations.NullMarked;
