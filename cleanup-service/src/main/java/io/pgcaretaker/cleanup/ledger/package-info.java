/** What went, line by line in a chain of digests, without personal data; and what a restored backup must lose again. */
@NullMarked
package io.pgcaretaker.cleanup.ledger;

import org.jspecify.annotations.NullMarked;
