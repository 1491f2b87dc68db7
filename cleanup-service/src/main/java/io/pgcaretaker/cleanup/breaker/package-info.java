/** What stops a run before its first row: how much would go, and how that is to the runs before. */
@NullMarked
package io.pgcaretaker.cleanup.breaker;

import org.jspecify.annotations.NullMarked;
