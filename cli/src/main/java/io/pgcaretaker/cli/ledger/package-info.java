/** The ledger of deletions, for operators. */
@NullMarked
package io.pgcaretaker.cli.ledger;

import org.jspecify.annotations.NullMarked;
