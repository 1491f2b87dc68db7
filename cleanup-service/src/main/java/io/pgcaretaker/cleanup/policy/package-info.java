@NullMarked
package io.pgcaretaker.cleanup.policy;

import org.jspecify.annotations.NullMarked;
