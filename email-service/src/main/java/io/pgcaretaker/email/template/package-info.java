/** Caretaker's own mails, as subject, text and HTML; an operator may put others in their place. */
@NullMarked
package io.pgcaretaker.email.template;

import org.jspecify.annotations.NullMarked;
