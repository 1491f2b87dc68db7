/** Archived rows, for operators. */
@NullMarked
package io.pgcaretaker.cli.archive;

import org.jspecify.annotations.NullMarked;
