/** What cleanup-service keeps and people list and open one by one. */
@NullMarked
package io.pgcaretaker.schema.cleanup;

import org.jspecify.annotations.NullMarked;
