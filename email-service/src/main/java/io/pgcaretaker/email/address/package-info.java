@NullMarked
package io.pgcaretaker.email.address;

import org.jspecify.annotations.NullMarked;
