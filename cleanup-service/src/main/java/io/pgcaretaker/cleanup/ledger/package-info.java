@NullMarked
package io.pgcaretaker.cleanup.ledger;

import org.jspecify.annotations.NullMarked;
