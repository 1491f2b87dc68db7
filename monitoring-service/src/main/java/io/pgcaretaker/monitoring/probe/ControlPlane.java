package io.pgcaretaker.monitoring.probe;

/** Who knows whether a database sleeps without waking it. */
@FunctionalInterface
interface ControlPlane {

    /** Does not throw: what cannot be asked is unknown. */
    ComputeState look();
}
