/** Metrics that the operator writes as SQL. */
@NullMarked
package io.pgcaretaker.monitoring.custom;

import org.jspecify.annotations.NullMarked;
