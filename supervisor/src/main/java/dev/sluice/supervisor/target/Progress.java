package dev.sluice.supervisor.target;

/// Where it is noted what is being changed for a call, so that nothing is changed twice should we
/// end meanwhile. Whoever makes the change, which is not us, notes there that it begins and what
/// came of it.
public interface Progress {
  /// Of a call that ends with us.
  Progress NONE =
      new Progress() {
        @Override
        public boolean isKept() {
          return false;
        }

        @Override
        public void means(Effect effect, long base) {}

        @Override
        public long mark() {
          throw new IllegalStateException("the call ends with us");
        }

        @Override
        public int file() {
          return -1;
        }
      };

  /// Two longs: one of these, and a result.
  long BEGUN = 1;

  long MADE = 2;

  /// Whether anybody reads it.
  boolean isKept();

  /// What the changes from here on are to the call. [Effect#RESULT] if nothing is said.
  ///
  /// @param base as in [Unfinished]
  void means(Effect effect, long base);

  /// A change is about to be made. Returns where in [#file] to note what becomes of it.
  long mark();

  /// A descriptor of ours for the file.
  int file();
}
