package dev.sluice.supervisor.handler.socket;

import dev.sluice.supervisor.handler.Context;
import dev.sluice.supervisor.handler.Results;
import dev.sluice.supervisor.handler.SyscallHandler;
import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.Sockets;
import dev.sluice.supervisor.policy.Verdict;
import dev.sluice.supervisor.target.Abort;
import dev.sluice.supervisor.target.Call;
import dev.sluice.supervisor.target.Syscalls;
import java.util.Set;

/// connect: connects the caller's own socket, of which we have a descriptor for a moment, to the
/// address that the decision was made on.
public final class ConnectHandler implements SyscallHandler {
  @Override
  public String name() {
    return "connect";
  }

  @Override
  public Set<String> syscalls() {
    return Set.of("connect");
  }

  @Override
  public Verdict handle(Call call, Context context) {
    int file = call.address().isFile() ? TargetSocket.pinned(call) : -1;
    int socket = TargetSocket.open(call);
    try {
      return connect(call, socket, file);
    } finally {
      // before the answer: the caller's own close(2) must be the last
      TargetSocket.close(call, socket);
    }
  }

  private static Verdict connect(Call call, int socket, int file) {
    if (!mayWait(socket)) {
      Syscalls syscalls = file < 0 ? call.syscalls() : call.syscallsFor(call.addressFile());
      return Results.of(connect(call, syscalls, socket, file));
    }
    if (!call.mayBlock()) {
      throw Abort.WOULD_BLOCK;
    }
    return Results.of(await(call, socket, file));
  }

  /// Connects, and waits as long as the caller would, on a worker. Returns 0, or -errno.
  static int await(Call call, int socket, int file) {
    call.cancellation().waitAtLeisure();
    Syscalls patient = call.patientSyscalls();
    int result = connect(call, patient, socket, file);
    while (result == -Errno.EINTR.number()) {
      call.validate();
      int errno = call.task().errnoOfSignal();
      if (errno != 0) {
        return -(Sockets.hasSendTimeout(socket) ? Errno.EINTR.number() : errno);
      }
      // the signal has been taken back: to call again is to go on waiting
      result = connect(call, patient, socket, file);
    }
    return result;
  }

  private static int connect(Call call, Syscalls syscalls, int socket, int file) {
    call.validate();
    return file < 0
        ? syscalls.connect(socket, call.address().raw(), call.address().length())
        : syscalls.connectTo(socket, file);
  }

  /// A socket without connections only notes the address. Of others, O_NONBLOCK says nothing: the
  /// caller has the same open file, and may take that from it until the very moment.
  private static boolean mayWait(int socket) {
    int type = Sockets.type(socket);
    return type == Sockets.SOCK_STREAM || type == Sockets.SOCK_SEQPACKET;
  }
}
