package dev.sluice.supervisor.audit.notice;

import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/// syslog as RFC 5424 has it: the alert as JSON behind `@cee:`, as receivers that understand
/// structure expect it.
public final class SyslogTarget extends DatagramTarget {
  public static final String USUAL = "/dev/log";

  /// Security and authorization messages.
  private static final int FACILITY = 10;

  private static final int WARNING = 4;
  private static final int ERROR = 3;
  private static final int MAX_HOST = 255;

  /// TIME-SECFRAC has six digits at most.
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);

  public SyslogTarget(String path) {
    super(path);
  }

  @Override
  public String name() {
    return "syslog";
  }

  @Override
  String message(Notice alert) {
    int priority = FACILITY * 8 + (alert.isGap() ? ERROR : WARNING);
    return "<%d>1 %s %s sluice %d %s - @cee: %s"
        .formatted(
            priority,
            TIME.format(alert.time()),
            host(alert.session().host()),
            alert.session().pid(),
            alert.kind(),
            alert.json());
  }

  /// Printable ASCII, or `-` if it is not known.
  private static String host(String name) {
    String printable = name.replaceAll("[^!-~]", "");
    String host = printable.substring(0, Math.min(printable.length(), MAX_HOST));
    return host.isEmpty() ? "-" : host;
  }
}
