package dev.sluice.supervisor.audit;

import java.time.Instant;

/// Records that were lost.
///
/// @param from the sequence number of the first of them
/// @param to that of the last
/// @param time when that was noticed
/// @param reason why, such as `no room`
public record AuditGap(long from, long to, Instant time, String reason) {
  /// The ring was full.
  static final String NO_ROOM = "no room";

  public long lost() {
    return to - from + 1;
  }
}
