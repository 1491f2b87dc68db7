package smtp;

/** Takes mails and counts them. */
public interface MailSink extends AutoCloseable {

    int port();

    long count();
}
