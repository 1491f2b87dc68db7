@NullMarked
package io.pgcaretaker.monitoring;

import org.jspecify.annotations.NullMarked;
