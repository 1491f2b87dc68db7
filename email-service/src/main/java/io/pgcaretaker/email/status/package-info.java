/** Where email-service stands, for its neighbours. */
@NullMarked
package io.pgcaretaker.email.status;

import org.jspecify.annotations.NullMarked;
