package dev.sluice.agent;

import dev.sluice.supervisor.audit.AuditRecord;
import dev.sluice.supervisor.audit.ByteText;
import dev.sluice.supervisor.audit.log.CallText;
import dev.sluice.supervisor.audit.log.LogFiles;
import dev.sluice.supervisor.audit.log.LogLine;
import dev.sluice.supervisor.policy.PolicyException;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `sluice log`: what was recorded.
@Command(
    name = "log",
    description = {
      "Shows the records of audit logs: when, who, the call and its result, and what decided it.",
      "A result of ? is one that only the kernel and the caller know."
    },
    footer = {"", "Exit status: 0; 2 for wrong usage, or if a file is no audit log."},
    subcommands = {LogVerifyCommand.class, LogSummaryCommand.class, LogExportCommand.class},
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "[COMMAND]")
final class LogCommand implements Callable<Integer> {
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

  @Option(names = "--follow", description = "go on with what is added to the last file")
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
          case LogLine.Call(_, var record) -> Output.line(row(record));
          case LogLine.Gap(_, var gap) ->
              Output.line(
                  CLOCK.format(gap.time()) + " " + gap.lost() + " records lost: " + gap.reason());
          default -> {}
        }
      }
    }
  }

  /// Such as `12:00:00.123456 cat[42] openat(AT_FDCWD, "x", O_RDONLY) = 3 allow by 'default'`.
  private static String row(AuditRecord record) {
    return CLOCK.format(record.time())
        + " "
        + ByteText.of(record.comm()).visible()
        + "["
        + record.tid()
        + "] "
        + CallText.of(record)
        + "  "
        + record.action()
        + record.rule().map(rule -> " by '" + ByteText.of(rule).visible() + "'").orElse("");
  }

  /// A file that another takes the place of is read to its end, and then the other.
  private void follow(Path file) throws PolicyException, InterruptedException {
    var filter = options.filter();
    int number = 1;
    var rest = new StringBuilder();
    try {
      while (true) {
        Object key = key(file);
        try (BufferedReader reader = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
          boolean replaced = false;
          while (true) {
            int next = reader.read();
            if (next == '\n') {
              byte[] bytes = rest.toString().getBytes(StandardCharsets.UTF_8);
              var line = new LogFiles.Line(file, number++, bytes, true);
              rest.setLength(0);
              LogLine parsed = LogOptions.parse(line);
              if (!(parsed instanceof LogLine.Call(_, var record)) || filter.test(record)) {
                print(line, parsed);
              }
            } else if (next >= 0) {
              rest.append((char) next);
            } else if (replaced) {
              break;
            } else {
              Thread.sleep(LOOK_MILLIS);
              replaced = !key.equals(key(file)); // what was added before is read first
            }
          }
        }
        number = 1;
      }
    } catch (IOException e) {
      throw LogOptions.unreadable(file, e);
    }
  }

  private static Object key(Path file) throws IOException {
    try {
      Object key = Files.getAttribute(file, "unix:ino");
      return key == null ? file : key;
    } catch (java.nio.file.NoSuchFileException e) {
      return file; // between two names
    }
  }
}
