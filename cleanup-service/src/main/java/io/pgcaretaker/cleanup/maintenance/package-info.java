/** Vacuum of named tables. */
@NullMarked
package io.pgcaretaker.cleanup.maintenance;

import org.jspecify.annotations.NullMarked;
