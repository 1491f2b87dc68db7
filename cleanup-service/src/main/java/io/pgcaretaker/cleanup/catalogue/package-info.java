@NullMarked
package io.pgcaretaker.cleanup.catalogue;

import org.jspecify.annotations.NullMarked;
