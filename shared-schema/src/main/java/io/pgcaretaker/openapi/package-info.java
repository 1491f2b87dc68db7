/** What the OpenAPI document of each service says beside its routes. */
@NullMarked
package io.pgcaretaker.openapi;

import org.jspecify.annotations.NullMarked;
