@NullMarked
package io.pgcaretaker.cleanup.stop;

import org.jspecify.annotations.NullMarked;
