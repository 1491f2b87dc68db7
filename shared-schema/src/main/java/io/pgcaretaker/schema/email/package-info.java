/** Records of email-service that people list and open one by one. */
@NullMarked
package io.pgcaretaker.schema.email;

import org.jspecify.annotations.NullMarked;
