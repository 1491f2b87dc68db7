package io.pgcaretaker.monitoring.history;

import java.time.Instant;
import java.util.List;

/** What was wrong, what changed, what cost most, what grew, who knocked, and what to do. */
public record Digest(
        Instant timestamp,
        Instant since,
        List<DigestRepository.Incident> incidents,
        List<HistoryResource.Change> schemaChanges,
        List<StatementRepository.Total> worstStatements,
        ForecastPolicy.Forecast forecast,
        List<SizeRepository.Growth> grown,
        List<DigestRepository.Events> securityEvents,
        List<DigestRepository.Finding> toDo) {}
