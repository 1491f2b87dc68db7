/** How one batch's rows go: by window or by key, with what depends on them, archived, masked, or a partition as a whole. */
@NullMarked
package io.pgcaretaker.cleanup.removal;

import org.jspecify.annotations.NullMarked;
