package io.pgcaretaker.testing;

/** One API key for each role, and the configuration that knows them. */
public final class TestKeys {

    public static final String VIEWER = "ctk_viewer_0123456789abcdefghijklmnopqrstuv";
    public static final String OPERATOR = "ctk_operator_0123456789abcdefghijklmnopqrst";
    public static final String SENDER = "ctk_sender_0123456789abcdefghijklmnopqrstuv";
    public static final String REPORTER = "ctk_reporter_0123456789abcdefghijklmnopqrst";
    public static final String UNKNOWN = "ctk_unknown_0123456789abcdefghijklmnopqrstu";

    /** For {@code CARETAKER_API_KEYS}. */
    public static final String CONFIGURATION = "view:viewer:" + VIEWER + ",oper:operator:" + OPERATOR + ",send:sender:"
            + SENDER + ",report:reporter:" + REPORTER;

    private TestKeys() {}
}
