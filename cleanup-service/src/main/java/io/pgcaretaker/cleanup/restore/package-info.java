@NullMarked
package io.pgcaretaker.cleanup.restore;

import org.jspecify.annotations.NullMarked;
