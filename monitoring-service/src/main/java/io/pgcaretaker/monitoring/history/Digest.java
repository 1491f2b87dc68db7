package io.pgcaretaker.monitoring.history;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What was wrong, what changed, what cost most, what grew, who knocked, and what to do.
 *
 * @param securityEvents absent where they are too many to be counted in time
 */
public record Digest(
        Instant timestamp,
        Instant since,
        List<DigestRepository.Incident> incidents,
        List<HistoryResource.Change> schemaChanges,
        List<StatementRepository.Total> worstStatements,
        ForecastPolicy.Forecast forecast,
        List<SizeRepository.Growth> grown,
        @Nullable List<DigestRepository.Events> securityEvents,
        List<DigestRepository.Finding> toDo) {}
