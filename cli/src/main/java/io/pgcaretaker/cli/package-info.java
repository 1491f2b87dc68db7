/** The operator's command line. */
@NullMarked
package io.pgcaretaker.cli;

import org.jspecify.annotations.NullMarked;
