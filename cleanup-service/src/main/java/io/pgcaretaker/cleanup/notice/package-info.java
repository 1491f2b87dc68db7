/** Tells people before their rows go, and follows the mail until it is delivered. */
@NullMarked
package io.pgcaretaker.cleanup.notice;

import org.jspecify.annotations.NullMarked;
