package io.pgcaretaker.monitoring.collect;

import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;

/** The connection for what may take a while, for who has collectors of his own. */
@ApplicationScoped
public class HeavyLane {

    private final Collection.Lanes lanes;

    HeavyLane(Collection.Lanes lanes) {
        this.lanes = lanes;
    }

    public void pass(List<Collector> collectors) {
        lanes.heavy(collectors);
    }

    /** For what reads much of the catalogue, and comes seldom: what the session then holds goes with it. */
    public void passAndLeave(List<Collector> collectors) {
        lanes.heavy(collectors);
        lanes.recycle();
    }

    /** What was skipped for lack of a grant is asked again too: somebody wants to know now. */
    public void passAnew(List<Collector> collectors) {
        lanes.anew();
        passAndLeave(collectors);
    }
}
