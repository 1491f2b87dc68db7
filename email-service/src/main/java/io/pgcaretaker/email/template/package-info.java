@NullMarked
package io.pgcaretaker.email.template;

import org.jspecify.annotations.NullMarked;
