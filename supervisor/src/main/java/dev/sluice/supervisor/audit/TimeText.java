package dev.sluice.supervisor.audit;

import java.time.Instant;

/// Times as RFC 3339 text, with nanoseconds. What changes once a second is formatted once a second.
final class TimeText {
  private static final int DIGITS = 9;

  private long second = Long.MIN_VALUE;
  private String prefix = "";

  String of(Instant time) {
    if (time.getEpochSecond() != second) {
      second = time.getEpochSecond();
      String text = Instant.ofEpochSecond(second).toString();
      prefix = text.substring(0, text.length() - 1) + '.';
    }
    String nanos = Integer.toString(time.getNano());
    return prefix + "0".repeat(DIGITS - nanos.length()) + nanos + 'Z';
  }
}
