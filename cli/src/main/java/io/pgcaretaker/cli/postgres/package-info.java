/** A real PostgreSQL, unpacked from a jar and run by this launcher. */
@NullMarked
package io.pgcaretaker.cli.postgres;

import org.jspecify.annotations.NullMarked;
