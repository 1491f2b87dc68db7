/** Checks as data: one SQL file each, findings with evidence and advice. */
@NullMarked
package io.pgcaretaker.monitoring.checks;

import org.jspecify.annotations.NullMarked;
