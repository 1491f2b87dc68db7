/** One public answer: is it healthy. */
@NullMarked
package io.pgcaretaker.monitoring.health;

import org.jspecify.annotations.NullMarked;
