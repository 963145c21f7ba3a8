package dev.sluice.supervisor.audit;

import java.time.Instant;

/// Records that were lost.
///
/// @param from the sequence number of the first of them
/// @param to that of the last
/// @param lost how many of those between are lost: all, unless it is alerts alone that are told
/// @param time when that was noticed
/// @param reason why, such as `no room`
public record AuditGap(long from, long to, long lost, Instant time, String reason) {
  /// The ring was full.
  static final String NO_ROOM = "no room";

  static final String NOT_COPIED = "the call could not be copied";

  /// All of them.
  public AuditGap(long from, long to, Instant time, String reason) {
    this(from, to, to - from + 1, time, reason);
  }
}
