package dev.sluice.agent.log;

import dev.sluice.agent.terminal.Output;
import dev.sluice.supervisor.audit.AuditRecord;
import dev.sluice.supervisor.audit.AuditSession;
import dev.sluice.supervisor.audit.ByteText;
import dev.sluice.supervisor.audit.ContainerName;
import dev.sluice.supervisor.audit.OcsfJson;
import dev.sluice.supervisor.audit.log.CallText;
import dev.sluice.supervisor.audit.log.LogLine;
import dev.sluice.supervisor.policy.PolicyException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `sluice log export`: records for other programs.
@Command(
    name = "export",
    description =
        "Writes records as CSV (RFC 4180), or as events of the Open Cybersecurity Schema Framework"
            + " (OCSF 1.5), one a line. In CSV, texts of programs are quoted as in C, so that"
            + " whatever is in them can be had back; an event has the record itself in raw_data.",
    mixinStandardHelpOptions = true)
final class LogExportCommand implements Callable<Integer> {
  private static final List<String> COLUMNS =
      List.of(
          "session",
          "seq",
          "time",
          "pid",
          "tid",
          "uid",
          "comm",
          "exe",
          "cgroup",
          "container",
          "policy",
          "epoch",
          "rule",
          "action",
          "outcome",
          "errno",
          "value",
          "class",
          "latency_ns",
          "arch",
          "syscall",
          "object",
          "call");

  private enum Format {
    csv,
    ocsf
  }

  @Parameters(arity = "1..*", paramLabel = "FILE", description = "audit logs")
  private List<Path> files = List.of();

  @Option(names = "--format", paramLabel = "FORMAT", description = "csv or ocsf")
  private Format format = Format.csv;

  @Mixin private LogOptions options = new LogOptions();

  @Override
  public Integer call() throws PolicyException {
    switch (format) {
      case csv -> csv();
      case ocsf -> ocsf();
    }
    return 0;
  }

  private void csv() throws PolicyException {
    Output.write(String.join(",", COLUMNS) + "\r\n");
    options.read(
        files,
        (_, line) -> {
          if (line instanceof LogLine.Call(String session, var record)) {
            Output.write(row(session, record) + "\r\n");
          }
        });
  }

  private void ocsf() throws PolicyException {
    var sessions = new HashMap<String, OcsfJson>();
    options.read(
        files,
        (_, line) -> {
          switch (line) {
            case LogLine.Begin(String session, var facts) ->
                sessions.put(session, new OcsfJson(facts));
            case LogLine.Call(String session, var record) ->
                Output.line(
                    sessions.computeIfAbsent(session, LogExportCommand::withoutFacts).of(record));
            default -> {}
          }
        });
  }

  /// Of a file that goes on where another has ended, which was not given.
  private static OcsfJson withoutFacts(String session) {
    return new OcsfJson(new AuditSession(session, Instant.EPOCH, 0, 0, "", ""));
  }

  private static String row(String session, AuditRecord record) {
    var task = record.caller().task();
    List<String> cells =
        List.of(
            session,
            "" + record.sequence(),
            record.time().toString(),
            "" + record.pid(),
            "" + record.tid(),
            task.map(known -> "" + known.uid()).orElse(""),
            task.map(known -> known.comm().quoted()).orElse(""),
            task.flatMap(known -> known.exe()).map(ByteText::quoted).orElse(""),
            task.flatMap(known -> known.cgroup()).map(ByteText::quoted).orElse(""),
            record.caller().container().map(ContainerName::id).orElse(""),
            record.policy().name(),
            "" + record.policy().epoch(),
            record.rule().orElse(""),
            record.action(),
            record.outcome().name().toLowerCase(Locale.ROOT),
            record.errno().orElse(""),
            record.value().map(String::valueOf).orElse(""),
            record.safety().name(),
            "" + record.latencyNanos(),
            record.arch(),
            record.syscall(),
            CallText.object(record),
            CallText.call(record));
    return cells.stream().map(LogExportCommand::cell).collect(Collectors.joining(","));
  }

  private static String cell(String raw) {
    String text = ByteText.harmless(raw);
    return text.chars().anyMatch(c -> c == '"' || c == ',' || c == '\n' || c == '\r')
        ? '"' + text.replace("\"", "\"\"") + '"'
        : text;
  }
}
