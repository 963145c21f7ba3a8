package dev.sluice.supervisor.handler.stat;

import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.NativeBytes;
import dev.sluice.supervisor.kernel.SystemCall;
import dev.sluice.supervisor.target.Abort;

/// What the kernel finds wrong with a call before it looks at its path. Newer kernels know more
/// flags than we do, so it is asked: by the same call with an empty path, which is ENOENT if
/// nothing else is wrong.
final class Judgement {
  static final NativeBytes EMPTY = NativeBytes.ofString("");

  private Judgement() {}

  /// Asks by a call whose first arguments are a descriptor and a path. Throws [Abort].
  static void ask(int nr, int dirfd, long third, long fourth, long fifth) {
    accept(SystemCall.make(nr, dirfd, EMPTY.address(), third, fourth, fifth, 0));
  }

  /// Throws [Abort] with the error in `result`, if it is not that of the empty path.
  static void accept(long result) {
    if (result < 0 && result != -Errno.ENOENT.number()) {
      throw Abort.errno((int) -result);
    }
  }
}
