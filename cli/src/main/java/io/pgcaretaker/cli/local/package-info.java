/** What is kept under .caretaker between two commands. */
@NullMarked
package io.pgcaretaker.cli.local;

import org.jspecify.annotations.NullMarked;
