/** Which mail goes when: claims, pace, retries, and what is written down of each attempt. */
@NullMarked
package io.pgcaretaker.email.delivery;

import org.jspecify.annotations.NullMarked;
