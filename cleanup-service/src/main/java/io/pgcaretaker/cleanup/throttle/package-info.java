/** How long a run rests, and for whose sake: replicas, the archiver, vacuum, who waits behind us, the application. */
@NullMarked
package io.pgcaretaker.cleanup.throttle;

import org.jspecify.annotations.NullMarked;
