package dev.sluice.supervisor.audit.notice;

import dev.sluice.supervisor.audit.AuditGap;
import dev.sluice.supervisor.audit.AuditRecord;
import dev.sluice.supervisor.audit.AuditSession;
import dev.sluice.supervisor.audit.RecordJson;
import dev.sluice.supervisor.audit.log.CallText;
import java.time.Instant;

/// What others are told: a call, or that records were lost.
///
/// @param session of the supervisor
/// @param from its number, or that of the first record that was lost
/// @param to the same, or that of the last
/// @param kind of a call `alert`, if its rule says so, or `call`; else `gap`
/// @param text for people, in one line
/// @param json all of it, in printable ASCII
public record Notice(
    AuditSession session, long from, long to, Instant time, String kind, String text, String json) {
  static final String GAP = "gap";
  static final String ALERT = "alert";

  static Notice of(AuditSession session, AuditRecord call) {
    return new Notice(
        session,
        call.sequence(),
        call.sequence(),
        call.time(),
        call.alert() ? ALERT : "call",
        CallText.row(call),
        new RecordJson(session).of(call));
  }

  static Notice of(AuditSession session, AuditGap gap) {
    return new Notice(
        session,
        gap.from(),
        gap.to(),
        gap.time(),
        GAP,
        gap.lost() + " records are missing: " + gap.reason(),
        new RecordJson(session).of(gap));
  }

  /// How many records it is about.
  long records() {
    return to - from + 1;
  }

  public boolean isGap() {
    return kind.equals(GAP);
  }

  /// Where to look it up, if there is no room for more.
  Notice brief() {
    String reference =
        "{\"type\":\"%s\",\"session\":\"%s\",\"seq\":%d,\"too_long\":true}"
            .formatted(isGap() ? GAP : "call", session.id(), from);
    return new Notice(
        session,
        from,
        to,
        time,
        kind,
        "record " + from + " of session " + session.id() + " is too long",
        reference);
  }
}
