/** How much waits, what nobody knows the outcome of, and what goes at the end of its time. */
@NullMarked
package io.pgcaretaker.email.queue;

import org.jspecify.annotations.NullMarked;
