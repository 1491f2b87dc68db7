/** What Alertmanager says, as mails to people. */
@NullMarked
package io.pgcaretaker.email.alertmanager;

import org.jspecify.annotations.NullMarked;
