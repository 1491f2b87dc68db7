/** A run as its row has it: how it is opened, asked about, paused and closed; who may carry it on, and where it stands. */
@NullMarked
package io.pgcaretaker.cleanup.run;

import org.jspecify.annotations.NullMarked;
