/** Mail that stays on this machine: an SMTP server and a page to read it. */
@NullMarked
package io.pgcaretaker.cli.inbox;

import org.jspecify.annotations.NullMarked;
