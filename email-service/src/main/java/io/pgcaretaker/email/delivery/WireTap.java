package io.pgcaretaker.email.delivery;

import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetSocket;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Listens to a mail client's socket and can close it. The client takes a {@link Vertx}, asks it for a
 * {@link NetClient} and that for a {@link NetSocket}: three public interfaces, each wrapped here.
 */
final class WireTap {

    private final Vertx vertx;
    private final Set<NetSocket> sockets = ConcurrentHashMap.newKeySet();
    private volatile Conversation conversation = new Conversation(true);

    WireTap(Vertx vertx) {
        this.vertx = vertx;
    }

    /** What is said from now on belongs to this conversation. */
    Conversation begin() {
        Conversation next = new Conversation(sockets.isEmpty());
        conversation = next;
        return next;
    }

    /** Ends whatever is on the wire; the client would wait for the server instead. */
    void close() {
        sockets.forEach(NetSocket::close);
        sockets.clear();
    }

    Vertx vertx() {
        return wrap(
                Vertx.class,
                vertx,
                (method, arguments) -> arguments,
                (method, result) -> result instanceof NetClient client ? wrap(client) : result);
    }

    private NetClient wrap(NetClient client) {
        return wrap(
                NetClient.class,
                client,
                (method, arguments) -> arguments,
                (method, result) -> method.getName().equals("connect") && result instanceof Future<?> future
                        ? future.map(socket -> wrap((NetSocket) socket))
                        : result);
    }

    private NetSocket wrap(NetSocket socket) {
        sockets.add(socket);
        return wrap(
                NetSocket.class,
                socket,
                (method, arguments) -> listen(socket, method, arguments),
                (method, result) -> result);
    }

    /** A write is heard before it goes out; the handlers of data and of the end are put behind ours. */
    private @Nullable Object[] listen(NetSocket socket, Method method, @Nullable Object[] arguments) {
        if (arguments.length == 0) {
            return arguments;
        }
        Object first = arguments[0];
        if (method.getName().equals("write") && first instanceof String text) {
            conversation.said(text);
        } else if (method.getName().equals("handler") && first instanceof Handler<?> handler) {
            return new Object[] {hearing(handler)};
        } else if (method.getName().equals("closeHandler") && first instanceof Handler<?> handler) {
            return new Object[] {forgetting(socket, handler)};
        }
        return arguments;
    }

    @SuppressWarnings("unchecked") // NetSocket.handler takes a Handler<Buffer>.
    private Handler<Buffer> hearing(Handler<?> handler) {
        return buffer -> {
            conversation.heard(buffer.toString());
            ((Handler<Buffer>) handler).handle(buffer);
        };
    }

    @SuppressWarnings("unchecked") // NetSocket.closeHandler takes a Handler<Void>.
    private Handler<Void> forgetting(NetSocket socket, Handler<?> handler) {
        return end -> {
            sockets.remove(socket);
            ((Handler<Void>) handler).handle(null);
        };
    }

    /** Sees a call's arguments, and may put others in their place. */
    private interface Before {
        @Nullable
        Object[] call(Method method, @Nullable Object[] arguments);
    }

    /** Sees a call's result, and may put another in its place. */
    private interface After {
        @Nullable
        Object call(Method method, @Nullable Object result);
    }

    private static <T> T wrap(Class<T> type, T target, Before before, After after) {
        InvocationHandler calls = (proxy, method, arguments) -> {
            @Nullable Object[] seen = before.call(method, arguments == null ? new Object[0] : arguments);
            try {
                Object result = method.invoke(target, seen);
                return result == target ? proxy : after.call(method, result);
            } catch (InvocationTargetException e) {
                throw e.getCause() == null ? e : e.getCause();
            }
        };
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, calls));
    }
}
