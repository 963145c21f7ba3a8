package dev.sluice.agent.log;

import dev.sluice.agent.terminal.Output;
import dev.sluice.agent.terminal.UsageException;
import dev.sluice.supervisor.audit.AuditRecord;
import dev.sluice.supervisor.audit.log.LineReader;
import dev.sluice.supervisor.audit.log.LogFiles;
import dev.sluice.supervisor.audit.log.LogLine;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/// Tells of the lines of one file, but for records that are not wanted. A line that is none, such
/// as whoever was killed in the middle of it has left behind, is said on standard error: all that
/// was written after it can be read. A file with no other line is no log.
final class ParsedLines implements LogFiles.Reader {
  /// So many lines that are none come before the first, at most.
  private static final int MOST = 100;

  private final Predicate<AuditRecord> filter;
  private final LogOptions.Reader reader;

  /// What is wrong with the lines before the first that is one.
  private final List<String> wrong = new ArrayList<>();

  private boolean begun;

  ParsedLines(Predicate<AuditRecord> filter, LogOptions.Reader reader) {
    this.filter = filter;
    this.reader = reader;
  }

  @Override
  public void line(LogFiles.Line line) {
    if (!line.complete()) {
      return;
    }
    LogLine parsed;
    try {
      parsed = LineReader.read(line.text());
    } catch (IllegalArgumentException e) {
      say(line.place() + ": this is no line of an audit log: " + e.getMessage());
      return;
    }
    if (!begun) {
      begun = true;
      wrong.forEach(Output::say);
    }
    if (!(parsed instanceof LogLine.Call(_, var record)) || filter.test(record)) {
      reader.line(line, parsed);
    }
  }

  private void say(String message) {
    if (begun) {
      Output.say(message);
      return;
    }
    wrong.add(message);
    if (wrong.size() == MOST) {
      end();
    }
  }

  /// Throws [UsageException] if there were lines, and none of an audit log.
  void end() {
    if (!begun && !wrong.isEmpty()) {
      throw new UsageException(wrong.getFirst());
    }
  }
}
