@NullMarked
package io.pgcaretaker.email;

import org.jspecify.annotations.NullMarked;
