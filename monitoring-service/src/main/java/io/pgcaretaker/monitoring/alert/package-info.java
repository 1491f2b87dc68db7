/** Rules, incidents, silences and the mails about them. */
@NullMarked
package io.pgcaretaker.monitoring.alert;

import org.jspecify.annotations.NullMarked;
