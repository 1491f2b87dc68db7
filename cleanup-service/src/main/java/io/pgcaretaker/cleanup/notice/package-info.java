@NullMarked
package io.pgcaretaker.cleanup.notice;

import org.jspecify.annotations.NullMarked;
