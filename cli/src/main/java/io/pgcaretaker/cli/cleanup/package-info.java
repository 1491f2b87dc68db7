/** cleanup-service, as the commands for operators ask it. */
@NullMarked
package io.pgcaretaker.cli.cleanup;

import org.jspecify.annotations.NullMarked;
