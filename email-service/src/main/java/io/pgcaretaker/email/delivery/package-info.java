@NullMarked
package io.pgcaretaker.email.delivery;

import org.jspecify.annotations.NullMarked;
