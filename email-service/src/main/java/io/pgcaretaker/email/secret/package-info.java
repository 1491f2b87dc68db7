@NullMarked
package io.pgcaretaker.email.secret;

import org.jspecify.annotations.NullMarked;
