@NullMarked
package io.pgcaretaker.email.suppression;

import org.jspecify.annotations.NullMarked;
