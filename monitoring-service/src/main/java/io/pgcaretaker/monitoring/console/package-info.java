/** What a database console shows, from what the collectors saw last; and what an operator may do to a session. */
@NullMarked
package io.pgcaretaker.monitoring.console;

import org.jspecify.annotations.NullMarked;
