/** Signs mail (RFC 6376). */
@NullMarked
package io.pgcaretaker.email.dkim;

import org.jspecify.annotations.NullMarked;
