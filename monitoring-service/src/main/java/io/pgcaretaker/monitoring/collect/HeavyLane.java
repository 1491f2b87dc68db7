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

    /** What was skipped for lack of a grant is asked again too: somebody wants to know now. */
    public void passAnew(List<Collector> collectors) {
        lanes.recycle();
        lanes.heavy(collectors);
    }
}
