package dev.sluice.supervisor.target;

import dev.sluice.supervisor.kernel.NativeBytes;
import dev.sluice.supervisor.kernel.Processes;
import dev.sluice.supervisor.kernel.SeccompNotif;
import dev.sluice.supervisor.syscall.Arch;
import java.nio.charset.StandardCharsets;

/// Calls that nobody made: their registers are what a test says, and nothing else is known.
public final class Calls {
  private Calls() {}

  public static Call of(Arch arch, String name, long... args) {
    return of(new Nobody(), 0, arch, name, args);
  }

  /// A call that this thread seems to have made.
  public static Call ofThisThread(Arch arch, String name, long... args) {
    return of(new Threads(), Processes.gettid(), arch, name, args);
  }

  private static Call of(Callers callers, int tid, Arch arch, String name, long... args) {
    CallKind kind = CallKind.named(arch, name).orElseThrow();
    var notif = new SeccompNotif(NativeBytes.allocate(SeccompNotif.SIZE));
    notif.set(1, tid, kind.nr(), arch.audit(), args);
    var call = new Call(notif, callers, Progress.NONE);
    call.begin(-1, kind, IdentityChange.NONE);
    return call;
  }

  /// Gives the call a `struct sockaddr`, as if it had been copied already.
  public static void giveAddress(Call call, byte[] sockaddr) {
    call.address.set(
        sockaddr,
        switch (call.name()) {
          case "connect" -> SocketAddress.Use.CONNECT;
          case "bind" -> SocketAddress.Use.BIND;
          default -> SocketAddress.Use.SEND;
        });
  }

  /// Knows of no caller.
  public static Callers nobody() {
    return new Nobody();
  }

  /// Knows every thread of this process.
  public static Callers threads() {
    return new Threads();
  }

  /// Gives the call a path argument, as if it had been copied already.
  public static void givePath(Call call, int index, String path) {
    givePath(call, index, path.getBytes(StandardCharsets.UTF_8));
  }

  public static void givePath(Call call, int index, byte[] path) {
    PathArgument argument = call.paths.at(index);
    argument.raw.put(0, path, 0, path.length);
    argument.rawLength = path.length;
    argument.state = PathArgument.State.COPIED;
  }

  /// The same, and what it leads to has been found.
  public static void givePinned(Call call, int index, String canonical) {
    givePinned(call, index, canonical.getBytes(StandardCharsets.UTF_8));
  }

  public static void givePinned(Call call, int index, byte[] canonical) {
    givePath(call, index, canonical);
    PathArgument argument = call.paths.at(index);
    argument.canonical.set(canonical);
    argument.state = PathArgument.State.NAMED;
  }

  private static class Nobody implements Callers {
    @Override
    public Task acquire(Call call) {
      throw new AssertionError("nobody makes this call");
    }

    @Override
    public void release(Task task) {}

    @Override
    public boolean mayBeReplaced(Call call) {
      return false;
    }

    @Override
    public Syscalls syscallsFor(Call call) {
      throw new AssertionError("nobody makes this call");
    }

    @Override
    public Syscalls patientSyscallsFor(Call call) {
      throw new AssertionError("nobody makes this call");
    }

    @Override
    public Syscalls privilegedSyscallsFor(Call call, long capabilities) {
      throw new AssertionError("nobody makes this call");
    }
  }

  private static final class Threads extends Nobody {
    @Override
    public Task acquire(Call call) {
      Task task = Task.look(call.tid(), Proc.ownIdentity());
      task.use();
      return task;
    }

    @Override
    public void release(Task task) {
      task.forget();
      task.release();
    }
  }
}
