@NullMarked
package io.pgcaretaker.email.queue;

import org.jspecify.annotations.NullMarked;
