/** Who carries runs, and how: the workers, what a run must pass before its first row, its batches, their throttle and retries. */
@NullMarked
package io.pgcaretaker.cleanup.engine;

import org.jspecify.annotations.NullMarked;
