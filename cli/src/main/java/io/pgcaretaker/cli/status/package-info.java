/** Looking at, stopping and starting what `up` runs. */
@NullMarked
package io.pgcaretaker.cli.status;

import org.jspecify.annotations.NullMarked;
