/** The routes for mail, in the words of Resend's, which its SDKs know. */
@NullMarked
package io.pgcaretaker.email.api;

import org.jspecify.annotations.NullMarked;
