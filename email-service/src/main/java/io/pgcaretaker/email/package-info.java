/** A durable queue of mail, in PostgreSQL, from a request to an SMTP server. */
@NullMarked
package io.pgcaretaker.email;

import org.jspecify.annotations.NullMarked;
