package io.pgcaretaker.cli.inbox;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/** The newest mails, in memory: so many and no more than so many bytes; the oldest make room. */
final class Inbox {

    private final int mostMails;
    private final long mostBytes;
    private final Deque<Mail> mails = new ArrayDeque<>();
    private long bytes;

    Inbox(int mostMails, long mostBytes) {
        this.mostMails = mostMails;
        this.mostBytes = mostBytes;
    }

    synchronized void add(Mail mail) {
        mails.addLast(mail);
        bytes += mail.size();
        while (mails.size() > mostMails || (bytes > mostBytes && mails.size() > 1)) {
            bytes -= mails.removeFirst().size();
        }
    }

    /** Newest first. */
    synchronized List<Mail> all() {
        List<Mail> newestFirst = new ArrayList<>(mails);
        Collections.reverse(newestFirst);
        return newestFirst;
    }

    synchronized Optional<Mail> find(String id) {
        return mails.stream().filter(mail -> mail.id().equals(id)).findFirst();
    }
}
