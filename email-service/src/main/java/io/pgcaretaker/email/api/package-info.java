@NullMarked
package io.pgcaretaker.email.api;

import org.jspecify.annotations.NullMarked;
