package dev.sluice.supervisor.kernel;

import java.nio.charset.StandardCharsets;

/// What the system calls of one thread point to: allocated once, used for every call. No method
/// that uses a part of it calls another that uses the same.
final class Scratch {
  static final int PATH_MAX = 4096;

  private static final ThreadLocal<Scratch> OF_OTHERS = ThreadLocal.withInitial(Scratch::new);

  /// For openat2(2).
  final NativeBytes how = NativeBytes.allocate(Files.SIZEOF_OPEN_HOW);

  /// For process_vm_readv(2): here and there.
  final NativeBytes iovecs = NativeBytes.allocate(2 * ProcessMemory.SIZEOF_IOVEC);

  /// A descriptor's number as text.
  final NativeBytes number = NativeBytes.allocate(12);

  /// The same behind `fd/`.
  final NativeBytes fdPath = NativeBytes.of("fd/0123456789\0".getBytes(StandardCharsets.US_ASCII));

  /// The path of a descriptor.
  final NativeBytes selfPath = NativeBytes.ofString(Descriptors.SELF_FD + "0123456789");

  /// The text of a link.
  final NativeBytes link = NativeBytes.allocate(PATH_MAX);

  /// For sendmsg(2).
  final NativeBytes messageHeader = NativeBytes.allocate(56);

  /// For getsockopt(2) and ppoll(2).
  final NativeBytes option = NativeBytes.allocate(16);

  final NativeBytes optionLength = NativeBytes.allocate(4);
  final NativeBytes pollTime = NativeBytes.allocate(16);

  /// For statmount(2).
  final NativeBytes mountRequest = NativeBytes.allocate(Mounts.MNT_ID_REQ_SIZE_VER1);

  final NativeBytes mountAnswer = NativeBytes.allocate(Mounts.SIZEOF_STATMOUNT);

  /// For getrusage(2), before a call and after it.
  final NativeBytes usage = NativeBytes.allocate(2 * ThreadUsage.SIZEOF_RUSAGE);

  static Scratch ofThread() {
    return Thread.currentThread() instanceof CallThread thread ? thread.scratch : OF_OTHERS.get();
  }
}
