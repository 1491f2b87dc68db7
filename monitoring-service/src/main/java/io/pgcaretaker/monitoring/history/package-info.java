/** What is kept over time: statements, sizes, the schema. One replica writes, under a lease. */
@NullMarked
package io.pgcaretaker.monitoring.history;

import org.jspecify.annotations.NullMarked;
