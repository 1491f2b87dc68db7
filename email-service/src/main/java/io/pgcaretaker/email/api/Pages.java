package io.pgcaretaker.email.api;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** {@code ?limit=1..100&after=<id>} or {@code &before=<id>}. */
final class Pages {

    private static final int USUAL = 20;
    private static final int MOST = 100;

    private Pages() {}

    static EmailResource.Page read(
            EmailRepository emails, @Nullable String limit, @Nullable String after, @Nullable String before)
            throws SQLException {
        if (after != null && before != null) {
            throw invalid("`after` and `before` cannot come together");
        }
        int size = size(limit);
        List<EmailView> found = new ArrayList<>(emails.list(size + 1, cursor(after), cursor(before)));
        boolean more = found.size() > size;
        List<EmailView> page = more ? found.subList(0, size) : found;
        if (before != null) {
            Collections.reverse(page);
        }
        return new EmailResource.Page(
                "list", more, page.stream().map(EmailView::listed).toList());
    }

    private static int size(@Nullable String limit) {
        if (limit == null) {
            return USUAL;
        }
        try {
            int size = Integer.parseInt(limit);
            if (size >= 1 && size <= MOST) {
                return size;
            }
        } catch (NumberFormatException e) {
            throw invalid("`limit` must be a number between 1 and " + MOST);
        }
        throw invalid("`limit` must be a number between 1 and " + MOST);
    }

    private static @Nullable UUID cursor(@Nullable String id) {
        if (id == null) {
            return null;
        }
        try {
            return UUID.fromString(id);
        } catch (IllegalArgumentException e) {
            throw invalid("`after` and `before` must be ids of emails");
        }
    }

    private static RuntimeException invalid(String message) {
        return Answers.problem(422, "validation_error", message);
    }
}
