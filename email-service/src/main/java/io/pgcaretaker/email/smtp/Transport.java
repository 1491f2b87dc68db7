package io.pgcaretaker.email.smtp;

/** One way out for mail, used by one worker at a time. */
public interface Transport extends AutoCloseable {

    /** Sends one mail to one recipient; always comes back, at the latest at its deadline. */
    SendOutcome send(OutgoingMail mail) throws InterruptedException;

    @Override
    void close();
}
