/** Digests: what was too much for one human's hour, and what a day or a week came to. */
@NullMarked
package io.pgcaretaker.email.digest;

import org.jspecify.annotations.NullMarked;
