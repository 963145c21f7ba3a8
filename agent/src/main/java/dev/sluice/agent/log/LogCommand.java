package dev.sluice.agent.log;

import dev.sluice.agent.terminal.Output;
import dev.sluice.agent.terminal.UsageException;
import dev.sluice.supervisor.audit.AuditRecord;
import dev.sluice.supervisor.audit.ByteText;
import dev.sluice.supervisor.audit.log.CallText;
import dev.sluice.supervisor.audit.log.LogFiles;
import dev.sluice.supervisor.audit.log.LogFollower;
import dev.sluice.supervisor.audit.log.LogLine;
import dev.sluice.supervisor.policy.PolicyException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `sluice log`: what was recorded.
@Command(
    name = "log",
    description =
        "Shows the records of audit logs: when, who, the call and its result, and what decided it."
            + " A result of ? is one that only the kernel and the caller know.",
    footer = {"", "Exit status: 0; 2 for wrong usage, or if a file is no audit log."},
    subcommands = {LogVerifyCommand.class, LogSummaryCommand.class, LogExportCommand.class},
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "[COMMAND]")
public final class LogCommand implements Callable<Integer> {
  private static final DateTimeFormatter CLOCK =
      DateTimeFormatter.ofPattern("HH:mm:ss.SSSSSS").withZone(ZoneId.systemDefault());
  private static final long LOOK_MILLIS = 100;

  private enum Format {
    table,
    json
  }

  @Parameters(arity = "0..*", paramLabel = "FILE", description = "audit logs, in order")
  private List<Path> files = List.of();

  @Option(names = "--format", paramLabel = "FORMAT", description = "table or json")
  private Format format = Format.table;

  @Option(
      names = "--follow",
      description = "go on with what is added to the last file, and with those that take its place")
  private boolean follow;

  @Mixin private LogOptions options = new LogOptions();

  @Override
  public Integer call() throws PolicyException, InterruptedException {
    if (files.isEmpty()) {
      throw new UsageException("log: which file? see 'sluice log --help'");
    }
    if (follow) {
      options.read(files.subList(0, files.size() - 1), this::print);
      follow(files.getLast());
    } else {
      options.read(files, this::print);
    }
    return 0;
  }

  private void print(LogFiles.Line line, LogLine parsed) {
    switch (format) {
      case json -> {
        if (parsed instanceof LogLine.Call || parsed instanceof LogLine.Gap) {
          Output.line(line.text());
        }
      }
      case table -> {
        switch (parsed) {
          case LogLine.Call(_, var record) ->
              Output.line(CLOCK.format(record.time()) + " " + CallText.row(record));
          case LogLine.Gap(_, var gap) ->
              Output.line(
                  CLOCK.format(gap.time())
                      + " "
                      + gap.lost()
                      + " records lost: "
                      + ByteText.harmless(gap.reason()));
          default -> {}
        }
      }
    }
  }

  private void follow(Path file) throws PolicyException, InterruptedException {
    Predicate<AuditRecord> filter = options.filter();
    var lines = new ParsedLines(filter, this::print);
    try (var follower = new LogFollower(file, lines)) {
      while (true) {
        follower.read();
        Thread.sleep(LOOK_MILLIS);
      }
    } catch (IOException e) {
      throw LogOptions.unreadable(file, e);
    }
  }
}
