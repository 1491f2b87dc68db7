/** Where cleanup-service stands, for its neighbour and its people. */
@NullMarked
package io.pgcaretaker.cleanup.status;

import org.jspecify.annotations.NullMarked;
