/** What each attempt came to. */
@NullMarked
package io.pgcaretaker.email.attempt;

import org.jspecify.annotations.NullMarked;
