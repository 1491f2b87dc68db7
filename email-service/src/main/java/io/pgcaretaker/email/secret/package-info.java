/** Seals what a mail must not keep in the clear. */
@NullMarked
package io.pgcaretaker.email.secret;

import org.jspecify.annotations.NullMarked;
