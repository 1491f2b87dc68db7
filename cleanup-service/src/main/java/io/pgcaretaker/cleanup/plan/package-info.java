/** What a run would take, by which strategy and how long; how far behind a policy is. */
@NullMarked
package io.pgcaretaker.cleanup.plan;

import org.jspecify.annotations.NullMarked;
