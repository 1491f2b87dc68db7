package io.pgcaretaker.cleanup.database;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.Statement;
import javax.sql.DataSource;

/** Sessions of a real database in which something happens before a call, at a moment that nothing outside of the service can meet. */
public final class InterceptedSessions {

    /** What happens; what it throws is what the call would have thrown. */
    @FunctionalInterface
    public interface Before {
        /**
         * Comes before each call of a session.
         *
         * @param statement the call's first argument as text; empty: it has none
         */
        void call(Connection session, String method, String statement) throws Exception;
    }

    private InterceptedSessions() {}

    public static DataSource of(DataSource source, Before before) {
        return (DataSource) Proxy.newProxyInstance(
                DataSource.class.getClassLoader(), new Class<?>[] {DataSource.class}, (proxy, method, arguments) -> {
                    Object answer = call(source, method, arguments);
                    return answer instanceof Connection session ? intercepted(session, before) : answer;
                });
    }

    /** Before the statement that has these words in it is sent, each time. */
    public static DataSource beforeStatement(DataSource source, String words, Before before) {
        return of(source, (session, method, statement) -> {
            if (method.equals("prepareStatement") && statement.contains(words)) {
                before.call(session, method, statement);
            }
        });
    }

    /** From the statement on that has these words in it, a transaction takes no writes, as on a standby. */
    public static DataSource readOnlyFrom(DataSource source, String words) {
        return beforeStatement(source, words, (session, method, sql) -> {
            try (Statement statement = session.createStatement()) {
                statement.execute("set transaction read only");
            }
        });
    }

    private static Connection intercepted(Connection session, Before before) {
        return (Connection) Proxy.newProxyInstance(
                Connection.class.getClassLoader(), new Class<?>[] {Connection.class}, (proxy, method, arguments) -> {
                    boolean bare = arguments == null || arguments.length == 0;
                    before.call(session, method.getName(), bare ? "" : String.valueOf(arguments[0]));
                    return call(session, method, arguments);
                });
    }

    private static Object call(Object target, Method method, Object[] arguments) throws Throwable {
        try {
            return method.invoke(target, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }
}
