/** The SQL by which rows are found, told of, changed and deleted, put together for a policy that was found safe. */
@NullMarked
package io.pgcaretaker.cleanup.statement;

import org.jspecify.annotations.NullMarked;
