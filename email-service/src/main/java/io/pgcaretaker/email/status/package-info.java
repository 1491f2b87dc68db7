@NullMarked
package io.pgcaretaker.email.status;

import org.jspecify.annotations.NullMarked;
