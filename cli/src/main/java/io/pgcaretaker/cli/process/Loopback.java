package io.pgcaretaker.cli.process;

import java.net.InetAddress;
import java.net.UnknownHostException;

/** This machine and nobody else. By number, since a name may mean either. */
public final class Loopback {

    public static final InetAddress V4 = address(127, 0, 0, 1);
    public static final InetAddress V6 = address(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1);

    private Loopback() {}

    private static InetAddress address(int... numbers) {
        byte[] bytes = new byte[numbers.length];
        for (int i = 0; i < numbers.length; i++) {
            bytes[i] = (byte) numbers[i];
        }
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("4 or 16 bytes are an address", e);
        }
    }
}
