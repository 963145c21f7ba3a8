package dev.sluice.supervisor.kernel;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.supervisor.syscall.Arch;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/// A thread of this JVM some of whose calls are notified: a target that needs no other process. The
/// test that made it answers them.
///
/// The filter is of this thread alone and ends with it. It must name no call that the JVM needs.
public final class NotifiedThread implements AutoCloseable {
  private static final int PR_SET_NO_NEW_PRIVS = 38;
  private static final int WAIT_KILLABLE_RECV = 0x20;
  private static final int SIZEOF_INSTRUCTION = 8;

  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(Thread.ofPlatform().name("notified").daemon().factory());
  private final int listener;
  private final int tid;

  private NotifiedThread(String... calls) {
    listener = get(thread.submit(() -> install(calls)));
    tid = get(thread.submit(Processes::gettid));
  }

  /// A thread whose calls of these names wait for an answer. Without the kernel's leave the test is
  /// skipped.
  public static NotifiedThread notifying(String... calls) {
    var notified = new NotifiedThread(calls);
    assumeTrue(
        notified.listener >= 0,
        () -> "no seccomp listener here: " + Errno.nameOf(-notified.listener));
    return notified;
  }

  public int listener() {
    return listener;
  }

  public int tid() {
    return tid;
  }

  /// Makes a call there; its result, or -errno, comes when it has been answered.
  public CompletableFuture<Long> call(String name, long... arguments) {
    long[] six = Arrays.copyOf(arguments, 6);
    int nr = Arch.host().number(name).orElseThrow();
    return CompletableFuture.supplyAsync(
        () -> CLibrary.syscall(nr, six[0], six[1], six[2], six[3], six[4], six[5]), thread);
  }

  /// Takes the call that waits, or waits for one.
  public SeccompNotif receive() {
    var notif = new SeccompNotif(NativeBytes.allocate(SeccompNotif.SIZE));
    SyscallException.checkInt(Seccomp.receive(listener, notif), "RECV", "");
    return notif;
  }

  /// What has not been answered fails with ENOSYS.
  @Override
  public void close() {
    Files.close(listener);
    thread.shutdown();
  }

  private static int install(String... calls) {
    // load nr; for each call: return USER_NOTIF if it is equal; return ALLOW
    int instructions = 2 * calls.length + 2;
    var filter = NativeBytes.allocate((long) instructions * SIZEOF_INSTRUCTION);
    put(filter, 0, 0x20, 0, 0);
    for (int i = 0; i < calls.length; i++) {
      put(filter, 2 * i + 1, 0x15, 1, Arch.host().number(calls[i]).orElseThrow());
      put(filter, 2 * i + 2, 0x06, 0, Seccomp.RET_USER_NOTIF);
    }
    put(filter, instructions - 1, 0x06, 0, Seccomp.RET_ALLOW);
    var program = NativeBytes.allocate(16);
    program.putShort(0, (short) instructions);
    program.putLong(8, filter.address());
    CLibrary.syscall(SyscallNumber.PRCTL, PR_SET_NO_NEW_PRIVS, 1, 0, 0);
    int flags = Seccomp.FILTER_FLAG_NEW_LISTENER | WAIT_KILLABLE_RECV;
    return (int)
        CLibrary.keep(
            CLibrary.syscall(
                SyscallNumber.SECCOMP, Seccomp.SET_MODE_FILTER, flags, program.address()),
            filter);
  }

  private static void put(NativeBytes filter, int index, int code, int jumpIfFalse, int k) {
    int at = index * SIZEOF_INSTRUCTION;
    filter.putShort(at, (short) code);
    filter.putByte(at + 3, (byte) jumpIfFalse);
    filter.putInt(at + 4, k);
  }

  private static int get(Future<Integer> future) {
    try {
      return future.get();
    } catch (InterruptedException | ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }
}
