package dev.sluice.supervisor.audit.notice;

/// The journal of systemd, by its own protocol (systemd.io/JOURNAL_NATIVE_PROTOCOL): a field a
/// line.
public final class JournalTarget extends DatagramTarget {
  public static final String USUAL = "/run/systemd/journal/socket";

  /// What finds all alerts, and all gaps: `journalctl MESSAGE_ID=…`.
  private static final String ALERT_ID = "5d1c6a3f0e8b4f6c9a27e4b10c7d95a2";

  private static final String GAP_ID = "b80f2c94d6714d0fa3e5179c62ab48d1";
  private static final int WARNING = 4;
  private static final int ERROR = 3;

  public JournalTarget(String path) {
    super(path);
  }

  @Override
  public String name() {
    return "the journal";
  }

  /// No field has a newline in it, as texts are escaped for people and JSON is.
  @Override
  String message(Notice alert) {
    var fields = new StringBuilder();
    field(fields, "MESSAGE", alert.text());
    field(fields, "PRIORITY", "" + (alert.isGap() ? ERROR : WARNING));
    field(fields, "MESSAGE_ID", alert.isGap() ? GAP_ID : ALERT_ID);
    field(fields, "SYSLOG_IDENTIFIER", "sluice");
    field(fields, "SLUICE_SESSION", alert.session().id());
    field(fields, "SLUICE_SEQ", "" + alert.from());
    field(fields, "SLUICE_RECORD", alert.json());
    return fields.toString();
  }

  private static void field(StringBuilder to, String name, String value) {
    to.append(name).append('=').append(value).append('\n');
  }
}
