/** Starts everything on one machine, watches it, and takes it down again. */
@NullMarked
package io.pgcaretaker.cli.up;

import org.jspecify.annotations.NullMarked;
