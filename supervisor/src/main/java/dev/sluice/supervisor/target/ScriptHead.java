package dev.sluice.supervisor.target;

import dev.sluice.supervisor.kernel.NativeBytes;

/// The first line of a script, as execve(2) reads it (`load_script`, fs/binfmt_script.c).
final class ScriptHead {
  /// `BINPRM_BUF_SIZE`: what the kernel reads of a program to see what it is.
  static final int SIZE = 256;

  private static final byte[] NONE = {};

  private ScriptHead() {}

  /// The path of the interpreter that a file beginning with `head` names.
  ///
  /// @param length how many bytes the file has, [#SIZE] at most; behind them come zeros
  /// @return empty if it is no script, or one that the kernel does not execute (ENOEXEC)
  static byte[] interpreter(NativeBytes head, int length) {
    byte[] bytes = new byte[SIZE];
    head.get(0, bytes, 0, length);
    if (bytes[0] != '#' || bytes[1] != '!') {
      return NONE;
    }
    int from = 2;
    while (from < SIZE && isBlank(bytes[from])) {
      from++;
    }
    int to = from;
    while (to < SIZE && !isEnd(bytes[to])) {
      to++;
    }
    if (to == from || to == SIZE) {
      return NONE; // nothing, or cut off
    }
    byte[] path = new byte[to - from];
    System.arraycopy(bytes, from, path, 0, path.length);
    return path;
  }

  private static boolean isBlank(byte b) {
    return b == ' ' || b == '\t';
  }

  private static boolean isEnd(byte b) {
    return isBlank(b) || b == '\n' || b == 0;
  }
}
