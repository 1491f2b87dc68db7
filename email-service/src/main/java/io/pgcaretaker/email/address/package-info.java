/** Addresses and texts as they may stand in a mail. */
@NullMarked
package io.pgcaretaker.email.address;

import org.jspecify.annotations.NullMarked;
