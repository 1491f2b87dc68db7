package io.pgcaretaker.monitoring.probe;

import io.pgcaretaker.monitoring.collect.Contact;
import io.pgcaretaker.monitoring.collect.Lane;
import io.pgcaretaker.monitoring.collect.Readings;

/** Makes the one connection that a target is read over. */
@FunctionalInterface
interface LaneFactory {

    Lane make(Readings readings, Contact contact);
}
