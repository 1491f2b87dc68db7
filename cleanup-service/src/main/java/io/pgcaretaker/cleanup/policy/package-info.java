/** What an operator wrote: retention policies, read and checked without a database. */
@NullMarked
package io.pgcaretaker.cleanup.policy;

import org.jspecify.annotations.NullMarked;
