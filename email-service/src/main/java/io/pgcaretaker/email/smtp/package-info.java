/** One conversation with a server: greeting, TLS, login, a mail, and what its answers mean. */
@NullMarked
package io.pgcaretaker.email.smtp;

import org.jspecify.annotations.NullMarked;
