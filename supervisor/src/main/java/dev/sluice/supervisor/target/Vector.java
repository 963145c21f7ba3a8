package dev.sluice.supervisor.target;

import java.util.Locale;

/// What registers of a call point to that has many parts, and that a record shows if its policy
/// asks for it.
public enum Vector {
  /// The arguments of a program that is executed.
  ARGV,
  /// Its environment.
  ENV,
  /// The buffers of readv(2), writev(2) and their kind, and the beginning of what is in those that
  /// are written.
  DATA;

  /// How a policy calls it.
  public String keyword() {
    return name().toLowerCase(Locale.ROOT);
  }
}
