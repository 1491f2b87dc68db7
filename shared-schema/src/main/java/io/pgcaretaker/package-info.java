/** What the three services share; see the packages below for each concern. */
@NullMarked
package io.pgcaretaker;

import org.jspecify.annotations.NullMarked;
