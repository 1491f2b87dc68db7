/** Tells applications what became of their mails, signed as Resend does. */
@NullMarked
package io.pgcaretaker.email.webhook;

import org.jspecify.annotations.NullMarked;
