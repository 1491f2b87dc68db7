@NullMarked
package io.pgcaretaker.cleanup.plan;

import org.jspecify.annotations.NullMarked;
