/** Whether a policy is safe on this database, and what somebody has to run where it is not. */
@NullMarked
package io.pgcaretaker.cleanup.preflight;

import org.jspecify.annotations.NullMarked;
