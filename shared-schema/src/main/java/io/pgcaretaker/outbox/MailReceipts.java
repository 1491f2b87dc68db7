package io.pgcaretaker.outbox;

/** Tells what became of a mail that email-service has taken. */
public interface MailReceipts {

    /** Never throws: no answer is one too. */
    MailReceipt look(String emailId);
}
