/** Legal holds, and the guard that keeps everybody else from held rows. */
@NullMarked
package io.pgcaretaker.cleanup.hold;

import org.jspecify.annotations.NullMarked;
