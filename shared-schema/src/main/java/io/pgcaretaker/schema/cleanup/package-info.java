@NullMarked
package io.pgcaretaker.schema.cleanup;

import org.jspecify.annotations.NullMarked;
