/** From a request to a mail in the queue: read, checked, written once however often it is asked for. */
@NullMarked
package io.pgcaretaker.email.intake;

import org.jspecify.annotations.NullMarked;
