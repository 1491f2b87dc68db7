@NullMarked
package io.pgcaretaker.cleanup.hold;

import org.jspecify.annotations.NullMarked;
