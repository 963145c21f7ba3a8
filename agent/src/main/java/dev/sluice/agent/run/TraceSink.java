package dev.sluice.agent.run;

import dev.sluice.supervisor.audit.AuditGap;
import dev.sluice.supervisor.audit.AuditRecord;
import dev.sluice.supervisor.audit.AuditSink;
import dev.sluice.supervisor.audit.log.CallText;
import dev.sluice.supervisor.audit.log.Summary;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/// Calls as strace(1) shows them (`-f -T`), or their sums (`-c`), on standard error.
final class TraceSink implements AuditSink {
  private static final int BATCH = 1 << 14;

  private final PrintStream to;
  private final boolean sums;
  private final Summary summary = new Summary();
  private final StringBuilder lines = new StringBuilder();

  TraceSink(PrintStream to, boolean sums) {
    this.to = to;
    this.sums = sums;
  }

  @Override
  public void write(AuditRecord record) {
    if (sums) {
      summary.add(record);
      return;
    }
    lines.append("[pid ").append(record.tid()).append("] ").append(CallText.of(record));
    lines.append(" <%.6f>%n".formatted(record.latencyNanos() / 1e9));
    if (lines.length() > BATCH) {
      flush();
    }
  }

  @Override
  public void lost(AuditGap gap) {
    if (sums) {
      summary.addLost(gap.lost());
    } else {
      lines.append("%d calls are missing: %s%n".formatted(gap.lost(), gap.reason()));
    }
  }

  @Override
  public void flush() {
    byte[] bytes = lines.toString().getBytes(StandardCharsets.UTF_8);
    lines.setLength(0);
    to.write(bytes, 0, bytes.length);
    to.flush();
  }

  @Override
  public void close() {
    if (sums) {
      summary.table().forEach(line -> lines.append(line).append('\n'));
    }
    flush();
  }
}
