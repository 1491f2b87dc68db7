@NullMarked
package io.pgcaretaker.cleanup.throttle;

import org.jspecify.annotations.NullMarked;
