package io.pgcaretaker.cleanup;

import jakarta.ws.rs.core.SecurityContext;
import java.lang.reflect.Proxy;
import java.security.Principal;

/** Who asks a route, where a test asks it without HTTP. */
public final class Caller {

    private static final Principal TEST = () -> "test";

    /** Named {@code test}. */
    public static final SecurityContext OPERATOR = (SecurityContext) Proxy.newProxyInstance(
            SecurityContext.class.getClassLoader(),
            new Class<?>[] {SecurityContext.class},
            (proxy, method, arguments) -> TEST);

    private Caller() {}
}
