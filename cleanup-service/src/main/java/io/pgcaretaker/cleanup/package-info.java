@NullMarked
package io.pgcaretaker.cleanup;

import org.jspecify.annotations.NullMarked;
