package dev.sluice.supervisor.target;

import java.util.Arrays;
import java.util.Optional;

/// What a change that is being made for a call is to the call: what follows if we end meanwhile.
/// Journals have their codes: other codes are another version of these.
public enum Effect {
  /// Its result is the call's: that is the answer, if it was made; else the call begins again.
  RESULT(1),

  /// Some of the bytes of a message: the call goes on behind them.
  PART(2),

  /// One of several messages: the call ends with it, or begins again if it is the first.
  MESSAGE(3),

  /// A file that is to be opened: what is there is it.
  CREATION(4),

  /// A name that is removed again, or needs something more: it is removed, and the call begins
  /// again.
  TRIAL(5),

  /// The removal of that.
  UNDOING(6),

  /// Like RESULT, if it was made; else like UNDOING.
  ON_TRIAL(7),

  /// A read of a directory, from a place that it is taken back to.
  READING(8);

  private final int code;

  Effect(int code) {
    this.code = code;
  }

  public int code() {
    return code;
  }

  /// The one with that code, if there is one.
  public static Optional<Effect> ofCode(int code) {
    return Arrays.stream(values()).filter(effect -> effect.code == code).findFirst();
  }

  /// Whether it may be made once more by somebody who does not know whether it was made.
  public boolean isRepeatable() {
    return this == READING || this == UNDOING;
  }
}
