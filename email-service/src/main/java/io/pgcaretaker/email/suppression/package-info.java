/** Addresses that are not written to any more. */
@NullMarked
package io.pgcaretaker.email.suppression;

import org.jspecify.annotations.NullMarked;
