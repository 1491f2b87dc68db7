/** Files of rows that went, in a directory or a bucket, and how they are read back. */
@NullMarked
package io.pgcaretaker.cleanup.archive;

import org.jspecify.annotations.NullMarked;
