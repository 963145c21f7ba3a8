package dev.sluice.supervisor.kernel;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.lang.ref.Reference;

/// `syscall(2)` and the errno of the calling thread.
///
/// Every call goes through this one function and shape: the first downcall of a shape costs
/// milliseconds of start-up, each further one of the same shape nothing. Pointers travel as
/// addresses, which keep no memory alive: that is what [#keep] is for.
final class CLibrary {
  static final StructLayout CALL_STATE = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO =
      CALL_STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));
  private static final MethodHandle SYSCALL = syscallHandle();

  private CLibrary() {}

  @SuppressWarnings("restricted")
  private static MethodHandle syscallHandle() {
    var linker = Linker.nativeLinker();
    var word = ValueLayout.JAVA_LONG;
    return linker.downcallHandle(
        linker.defaultLookup().findOrThrow("syscall"),
        FunctionDescriptor.of(word, word, word, word, word, word, word, word),
        Linker.Option.firstVariadicArg(1),
        Linker.Option.captureCallState("errno"));
  }

  /// Returns the result, or -errno.
  static long syscall(int nr, long a, long b, long c, long d, long e, long f) {
    MemorySegment state = Scratch.ofThread().callState;
    long result;
    try {
      result = (long) SYSCALL.invokeExact(state, (long) nr, a, b, c, d, e, f);
    } catch (Throwable impossible) {
      throw new AssertionError("syscall(2) throws nothing", impossible);
    }
    return result == -1 ? -(int) ERRNO.get(state, 0L) : result;
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
