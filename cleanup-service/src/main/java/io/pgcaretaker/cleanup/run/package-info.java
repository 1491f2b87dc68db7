@NullMarked
package io.pgcaretaker.cleanup.run;

import org.jspecify.annotations.NullMarked;
