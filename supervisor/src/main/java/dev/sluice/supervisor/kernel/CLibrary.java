package dev.sluice.supervisor.kernel;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.ref.Reference;

/// System calls, by the two functions of our C library (`native/syscall`), which says why it is not
/// `syscall` of the machine's.
///
/// Every call goes through functions of this one shape: the first downcall of a shape costs
/// milliseconds of start-up, each further one of the same shape nothing. Pointers travel as
/// addresses, which keep no memory alive: that is what [#keep] is for.
final class CLibrary {
  private static final SymbolLookup FUNCTIONS = NativePrograms.library();
  private static final MethodHandle SYSCALL = handle("sluice_syscall");
  private static final MethodHandle WATCHED = handle("sluice_syscall_watched");

  private CLibrary() {}

  @SuppressWarnings("restricted")
  private static MethodHandle handle(String function) {
    var word = ValueLayout.JAVA_LONG;
    return Linker.nativeLinker()
        .downcallHandle(
            FUNCTIONS.findOrThrow(function),
            FunctionDescriptor.of(word, word, word, word, word, word, word, word));
  }

  /// Where a function of ours begins.
  static long address(String function) {
    return FUNCTIONS.findOrThrow(function).address();
  }

  /// Returns the result, or -errno.
  static long syscall(int nr, long a, long b, long c, long d, long e, long f) {
    try {
      return (long) SYSCALL.invokeExact((long) nr, a, b, c, d, e, f);
    } catch (Throwable impossible) {
      throw new AssertionError("a system call throws nothing", impossible);
    }
  }

  /// The same, with what the thread had used before and after it in `usage`.
  static long watchedSyscall(int nr, long a, long b, long c, long d, NativeBytes usage) {
    try {
      return keep((long) WATCHED.invokeExact((long) nr, a, b, c, d, 0L, usage.address()), usage);
    } catch (Throwable impossible) {
      throw new AssertionError("a system call throws nothing", impossible);
    }
  }

  /// Returns `result`, having kept `memory` from the garbage collector until it was there.
  static long keep(long result, Object memory) {
    try {
      return result;
    } finally {
      Reference.reachabilityFence(memory);
    }
  }

  static long keep(long result, Object memory, Object more) {
    try {
      return keep(result, memory);
    } finally {
      Reference.reachabilityFence(more);
    }
  }

  static long syscall(int nr, long a, long b, long c, long d) {
    return syscall(nr, a, b, c, d, 0, 0);
  }

  static long syscall(int nr, long a, long b, long c) {
    return syscall(nr, a, b, c, 0, 0, 0);
  }

  static long syscall(int nr, long a, long b) {
    return syscall(nr, a, b, 0, 0, 0, 0);
  }

  static long syscall(int nr, long a) {
    return syscall(nr, a, 0, 0, 0, 0, 0);
  }
}
