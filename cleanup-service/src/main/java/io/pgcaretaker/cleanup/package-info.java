/** Retention on a PostgreSQL: CONTRIBUTING.md says which package knows which. */
@NullMarked
package io.pgcaretaker.cleanup;

import org.jspecify.annotations.NullMarked;
