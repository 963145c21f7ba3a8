package dev.sluice.agent.log;

import dev.sluice.agent.options.CallSet;
import dev.sluice.agent.options.TimeSpan;
import dev.sluice.agent.terminal.UsageException;
import dev.sluice.supervisor.audit.AuditRecord;
import dev.sluice.supervisor.audit.log.LogFiles;
import dev.sluice.supervisor.audit.log.LogLine;
import dev.sluice.supervisor.audit.log.RecordFilter;
import dev.sluice.supervisor.policy.FileErrors;
import dev.sluice.supervisor.policy.PolicyException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import picocli.CommandLine.Option;

/// Which records of a log are wanted.
public final class LogOptions {
  @Option(
      names = "--where",
      paramLabel = "CONDITION",
      description = "those for which this holds, written as 'when' of a rule")
  private Optional<String> where = Optional.empty();

  @Option(
      names = "--calls",
      paramLabel = "SET",
      split = ",",
      description = "those of these calls or groups, such as @open,connect")
  private List<String> calls = List.of();

  @Option(
      names = "--action",
      paramLabel = "WORD",
      split = ",",
      description = "those with these actions, such as deny,ask")
  private List<String> actions = List.of();

  @Option(names = "--rule", paramLabel = "NAME", description = "those of this rule")
  private Optional<String> rule = Optional.empty();

  @Option(
      names = "--shadow",
      description = "those that a policy which was tried out would have decided otherwise")
  private boolean shadow;

  @Option(
      names = "--since",
      paramLabel = "TIME",
      description = "not before: 2026-01-31T12:00:00Z, or how long ago, such as 10m")
  private Optional<String> since = Optional.empty();

  @Option(names = "--until", paramLabel = "TIME", description = "not after: likewise")
  private Optional<String> until = Optional.empty();

  /// Told of the lines that are wanted.
  public interface Reader {
    void line(LogFiles.Line line, LogLine parsed);
  }

  Predicate<AuditRecord> filter() throws PolicyException {
    Predicate<AuditRecord> filter = _ -> true;
    if (where.isPresent()) {
      filter = new RecordFilter(where.get(), System.getenv().getOrDefault("HOME", ""));
    }
    if (!calls.isEmpty()) {
      Set<String> set = CallSet.of("--calls", calls);
      filter = filter.and(record -> set.contains(record.syscall()));
    }
    if (!actions.isEmpty()) {
      filter = filter.and(record -> actions.contains(record.action()));
    }
    if (rule.isPresent()) {
      filter = filter.and(record -> record.rule().equals(rule));
    }
    if (shadow) {
      filter = filter.and(record -> record.shadow().flatMap(other -> other.verdict()).isPresent());
    }
    Optional<Instant> from = since.map(text -> time("--since", text));
    Optional<Instant> to = until.map(text -> time("--until", text));
    return filter.and(record ->
        from.map(instant -> !record.time().isBefore(instant)).orElse(true)
            && to.map(instant -> !record.time().isAfter(instant)).orElse(true));
  }

  private static Instant time(String option, String text) {
    Optional<Duration> ago = TimeSpan.parse(text);
    if (ago.isPresent()) {
      return Instant.now().minus(ago.get());
    }
    try {
      return Instant.parse(text);
    } catch (DateTimeException e) {
      throw new UsageException(
          option + " takes a time such as 2026-01-31T12:00:00Z or 10m, not '" + text + "'");
    }
  }

  /// Reads the records that are wanted, and every other line. A last line that is still being
  /// written is left out, and one that is none is said on standard error.
  public void read(List<Path> files, Reader reader) throws PolicyException {
    Predicate<AuditRecord> filter = filter();
    for (Path file : files) {
      var lines = new ParsedLines(filter, reader);
      try {
        LogFiles.read(file, lines);
        lines.end();
      } catch (IOException e) {
        throw unreadable(file, e);
      }
    }
  }

  static UsageException unreadable(Path file, IOException e) {
    return new UsageException("\"" + file + "\" cannot be read: " + FileErrors.reason(e));
  }
}
