package io.pgcaretaker.email.smtp;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;
import java.util.regex.Pattern;

/** As what we greet a server. Many refuse what is neither a name with a domain nor an address in brackets. */
public final class EhloName {

    private static final Pattern HOST_NAME = Pattern.compile(
            "(?=.*[A-Za-z])[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*");

    private final Optional<String> configured;

    public EhloName(Optional<String> configured) {
        this.configured = configured;
    }

    String text() {
        return configured.orElseGet(() -> OwnHost.NAME);
    }

    /** Looked up once, and not before it is needed: it may take as long as DNS does. */
    private static final class OwnHost {
        static final String NAME = name();

        private static String name() {
            try {
                InetAddress own = InetAddress.getLocalHost();
                return of(own.getCanonicalHostName(), own.getHostAddress());
            } catch (UnknownHostException e) {
                return "localhost";
            }
        }
    }

    /** A pod's address mostly has no name, and its own text comes in place of one. */
    static String of(String name, String address) {
        if (HOST_NAME.matcher(name).matches()) {
            return name;
        }
        int zone = address.indexOf('%');
        String plain = zone < 0 ? address : address.substring(0, zone);
        return plain.contains(":") ? "[IPv6:" + plain + "]" : "[" + plain + "]";
    }
}
