@NullMarked
package io.pgcaretaker.cleanup.archive;

import org.jspecify.annotations.NullMarked;
