@NullMarked
package io.pgcaretaker.email.intake;

import org.jspecify.annotations.NullMarked;
