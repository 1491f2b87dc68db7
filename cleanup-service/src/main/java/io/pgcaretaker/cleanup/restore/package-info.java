/** Gives a row that is marked for deletion back, with what belongs to it, by an operator or by its link. */
@NullMarked
package io.pgcaretaker.cleanup.restore;

import org.jspecify.annotations.NullMarked;
