package dev.sluice.supervisor.kernel;

import static java.lang.foreign.MemoryLayout.PathElement.groupElement;
import static java.lang.foreign.MemoryLayout.PathElement.sequenceElement;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.VarHandle;

/// `struct seccomp_notif` of linux/seccomp.h: a call that waits for an answer.
public final class SeccompNotif {
  static final StructLayout DATA =
      MemoryLayout.structLayout(
          JAVA_INT.withName("nr"),
          JAVA_INT.withName("arch"),
          JAVA_LONG.withName("instruction_pointer"),
          MemoryLayout.sequenceLayout(6, JAVA_LONG).withName("args"));

  static final StructLayout LAYOUT =
      MemoryLayout.structLayout(
          JAVA_LONG.withName("id"),
          JAVA_INT.withName("pid"),
          JAVA_INT.withName("flags"),
          DATA.withName("data"));

  public static final long SIZE = LAYOUT.byteSize();

  private static final VarHandle ID = LAYOUT.varHandle(groupElement("id"));
  private static final VarHandle PID = LAYOUT.varHandle(groupElement("pid"));
  private static final VarHandle NR = data("nr");
  private static final VarHandle ARCH = data("arch");
  private static final VarHandle INSTRUCTION_POINTER = data("instruction_pointer");
  private static final VarHandle ARGS =
      LAYOUT.varHandle(groupElement("data"), groupElement("args"), sequenceElement());

  private final NativeBytes bytes;
  private final MemorySegment segment;

  /// A view of the first [#SIZE] bytes of `bytes`, which may be more: the kernel says how many it
  /// fills.
  public SeccompNotif(NativeBytes bytes) {
    this.bytes = bytes;
    this.segment = bytes.segment();
  }

  private static VarHandle data(String field) {
    return LAYOUT.varHandle(groupElement("data"), groupElement(field));
  }

  /// RECV demands zeros (EINVAL otherwise).
  public void clear() {
    for (long i = 0; i < SIZE; i += Long.BYTES) {
      bytes.putLong(i, 0);
    }
  }

  /// One that somebody else has received, at `offset` of `from`.
  public void copy(NativeBytes from, long offset) {
    bytes.put(0, from, offset, SIZE);
  }

  long address() {
    return bytes.address();
  }

  public long id() {
    return (long) ID.get(segment, 0L);
  }

  /// The *thread* id of the caller in our pid namespace; 0 if it is not visible there.
  public int pid() {
    return (int) PID.get(segment, 0L);
  }

  public int nr() {
    return (int) NR.get(segment, 0L);
  }

  /// An `AUDIT_ARCH_` value of linux/audit.h.
  public int arch() {
    return (int) ARCH.get(segment, 0L);
  }

  public long instructionPointer() {
    return (long) INSTRUCTION_POINTER.get(segment, 0L);
  }

  public long arg(int index) {
    return (long) ARGS.get(segment, 0L, (long) index);
  }

  /// Fills the fields as the kernel would, for tests that have no kernel.
  public void set(long id, int pid, int nr, int arch, long... args) {
    clear();
    ID.set(segment, 0L, id);
    PID.set(segment, 0L, pid);
    NR.set(segment, 0L, nr);
    ARCH.set(segment, 0L, arch);
    for (int i = 0; i < args.length; i++) {
      ARGS.set(segment, 0L, (long) i, args[i]);
    }
  }
}
