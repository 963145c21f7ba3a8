package dev.sluice.supervisor.handler.socket;

import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.NativeBytes;
import dev.sluice.supervisor.kernel.Processes;
import dev.sluice.supervisor.kernel.Sockets;
import dev.sluice.supervisor.target.Abort;
import dev.sluice.supervisor.target.Call;
import dev.sluice.supervisor.target.ControlMessages;
import dev.sluice.supervisor.target.Effect;
import dev.sluice.supervisor.target.OutgoingMessage;
import dev.sluice.supervisor.target.SendRequest;
import dev.sluice.supervisor.target.Syscalls;

/// One send of a caller, from its memory to its socket, waiting where the caller would wait. What
/// has been sent is never sent again: not after a wait, and not after a signal.
final class Transmission {
  private static final int BUFFER = 1 << 16;

  /// Enough to learn that there is still no room: not each end of a stream is told of by poll(2),
  /// such as that of a receiver that reads no more (shutdown(2)).
  private static final int TRIAL = 1 << 12;

  private static final int EAGAIN = -Errno.EAGAIN.number();
  private static final int EINPROGRESS = -Errno.EINPROGRESS.number();

  private static final ThreadLocal<NativeBytes> BUFFERS =
      ThreadLocal.withInitial(() -> NativeBytes.allocate(BUFFER));

  private final Call call;
  private final int socket;
  private final int file;
  private final int flags;
  private final boolean stream;
  private final boolean waits;

  /// Whether the send has its socket connect first (tcp(7), MSG_FASTOPEN).
  private boolean connecting;

  /// @param socket a descriptor of ours for the caller's socket
  /// @param file a pinned socket to send to, or -1
  /// @param flags what the caller said
  Transmission(Call call, int socket, int file, int flags) {
    this.call = call;
    this.socket = socket;
    this.file = file;
    this.flags = flags;
    this.connecting = (flags & Sockets.MSG_FASTOPEN) != 0;
    this.stream = Sockets.type(socket) == Sockets.SOCK_STREAM;
    this.waits = (flags & Sockets.MSG_DONTWAIT) == 0 && !Sockets.isNonBlocking(socket);
  }

  boolean isStream() {
    return stream;
  }

  /// Sends the call's present message. Returns how much of it was sent, or -errno. Throws [Abort]:
  /// with WOULD_BLOCK on the event loop.
  ///
  /// @param mayWait whether to wait for room, if the caller would
  int send(boolean mayWait) {
    SendRequest request = call.message();
    resume(request);
    if (stream && request.isComplete() && request.sent() > 0) {
      return (int) request.sent();
    }
    if (connecting && waits && !call.mayBlock()) {
      throw Abort.WOULD_BLOCK; // what is begun here could not be begun again on a worker
    }
    var room = new RoomToSend(call, socket);
    try (var control = ControlMessages.of(call, request, socket)) {
      while (true) {
        int result = sendPart(request, request.sent() == 0 ? control : ControlMessages.NONE, room);
        if (result < 0) {
          result = waits && mayWait ? await(result, room) : result;
          if (result < 0) {
            return ended(request, result);
          }
        } else {
          room.found();
          request.advance(result);
          if (waits && mayWait && hasBegunToConnect()) {
            call.progress().means(Effect.PART, request.sent());
            finishConnect(); // of its failure, who has sent something is not told
          }
          if (!stream || request.isComplete()) {
            return (int) request.sent();
          }
        }
      }
    }
  }

  /// Waits for what a part was missing, where that can be waited for. Returns 0, or -errno.
  private int await(int error, RoomToSend room) {
    if (error == EINPROGRESS && hasBegunToConnect()) {
      return finishConnect();
    }
    connecting = connecting && error != EINPROGRESS;
    return error == EAGAIN || error == EINPROGRESS ? room.await() : error;
  }

  /// Whether the kernel, which has taken a part or said EINPROGRESS, would have waited for a
  /// connection.
  private boolean hasBegunToConnect() {
    return connecting && stream && isInternet() && call.address().length() > 0;
  }

  private boolean isInternet() {
    int domain = Sockets.domain(socket);
    return domain == Sockets.AF_INET || domain == Sockets.AF_INET6;
  }

  /// To connect once more is to wait, and to have the kernel note that it is done.
  private int finishConnect() {
    connecting = false;
    return ConnectHandler.await(call, socket, file);
  }

  /// What somebody before us has sent of it is not sent again.
  private void resume(SendRequest request) {
    var before = call.unfinished();
    if (before.isPresent() && before.get().effect() == Effect.PART) {
      request.advance(
          (int) (before.get().base() + (before.get().isMade() ? before.get().result() : 0)));
      call.forgetUnfinished();
    }
  }

  /// As much as fits into one call of ours, but little where there was no `room`: to copy more
  /// would be in vain. Datagrams are whole or not at all.
  private int sendPart(SendRequest request, ControlMessages control, RoomToSend room) {
    long rest = request.total() - request.sent();
    var syscalls = syscalls(rest);
    if (rest > syscalls.maxMessage() && !stream) {
      return -Errno.EMSGSIZE.number();
    }
    int most = stream && room.isMissing() ? TRIAL : syscalls.maxMessage();
    int want = (int) Math.min(rest, most);
    NativeBytes buffer = want <= BUFFER ? BUFFERS.get() : NativeBytes.allocate(want);
    int count = request.copyData(call, request.sent(), buffer, want);
    if (count < 0) {
      return count;
    }
    int partFlags = flags | Sockets.MSG_DONTWAIT | Sockets.MSG_NOSIGNAL;
    if (!connecting) {
      partFlags &= ~Sockets.MSG_FASTOPEN;
    }
    if (count < rest) {
      partFlags = (partFlags & ~(Sockets.MSG_OOB | Sockets.MSG_EOR)) | Sockets.MSG_MORE;
    }
    var address = call.address();
    int length = file < 0 ? address.length() : 0;
    call.validate();
    if (stream) {
      call.progress().means(Effect.PART, request.sent());
    }
    return syscalls.send(
        socket,
        new OutgoingMessage(address.raw(), length, file, buffer, count, control),
        partFlags);
  }

  /// A message that may name processes and descriptors is not sent by us, whose they would be: by
  /// somebody who has none, among the caller's processes.
  private Syscalls syscalls(long size) {
    int shown = (int) Math.min(size, Integer.MAX_VALUE);
    if (!stream && OutgoingMessage.mayName(socket, shown)) {
      if (!call.mayBlock()) {
        throw Abort.WOULD_BLOCK;
      }
      return call.patientSyscalls();
    }
    return file < 0 ? call.syscalls() : call.syscallsFor(call.addressFile());
  }

  private int ended(SendRequest request, int error) {
    if (request.sent() > 0) {
      return (int) request.sent();
    }
    if (error == -Errno.EPIPE.number() && stream && (flags & Sockets.MSG_NOSIGNAL) == 0) {
      call.validate();
      Processes.tgkill(call.task().tgid(), call.tid(), Processes.SIGPIPE);
    }
    return error;
  }
}
