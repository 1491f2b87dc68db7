/** What the database has, read from PostgreSQL's catalogue: tables, keys, indexes, partitions. */
@NullMarked
package io.pgcaretaker.cleanup.catalogue;

import org.jspecify.annotations.NullMarked;
