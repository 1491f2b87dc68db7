/** Processes of this launcher: started apart from the terminal, found again after a crash. */
@NullMarked
package io.pgcaretaker.cli.process;

import org.jspecify.annotations.NullMarked;
