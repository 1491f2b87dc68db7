@NullMarked
package io.pgcaretaker.cleanup.status;

import org.jspecify.annotations.NullMarked;
