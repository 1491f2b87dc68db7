/** What monitoring-service keeps and people list and open one by one. */
@NullMarked
package io.pgcaretaker.schema.monitoring;

import org.jspecify.annotations.NullMarked;
