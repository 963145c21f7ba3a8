package dev.sluice.supervisor.target;

/// A change that was being made for a call when whoever made it for us ended.
///
/// @param base where it began: bytes or messages before it, or the place in a directory
/// @param result what the kernel returned for it, if it was made: a result, or -errno
public record Unfinished(Effect effect, long base, Stage stage, long result) {
  /// How far it had come.
  public enum Stage {
    NOT_BEGUN(0),

    /// Begun, and not known to be made: whoever made it was killed too.
    BEGUN(Progress.BEGUN),

    MADE(Progress.MADE);

    private final long noted;

    Stage(long noted) {
      this.noted = noted;
    }

    /// What is noted of it.
    public long noted() {
      return noted;
    }

    public static Stage ofNoted(long noted) {
      return noted == Progress.MADE ? MADE : noted == Progress.BEGUN ? BEGUN : NOT_BEGUN;
    }
  }

  public boolean isMade() {
    return stage == Stage.MADE && result >= 0;
  }
}
