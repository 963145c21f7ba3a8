package dev.sluice.supervisor.handler.socket;

import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.Sockets;
import dev.sluice.supervisor.target.Abort;
import dev.sluice.supervisor.target.Call;
import java.util.concurrent.TimeUnit;

/// The wait of a caller until its socket takes more: as long as the socket's own time allows, and
/// until a signal comes or the caller ends.
final class RoomToSend {
  /// How often signals are looked for.
  private static final int LOOK_MILLIS = 50;

  private final Call call;
  private final int socket;
  private long startNanos;
  private long timeoutMillis;
  private int inVain;
  private boolean isMissing;

  RoomToSend(Call call, int socket) {
    this.call = call;
    this.socket = socket;
  }

  /// There was room after all.
  void found() {
    startNanos = 0;
    inVain = 0;
    isMissing = false;
  }

  /// Whether there was none when it was last waited for.
  boolean isMissing() {
    return isMissing;
  }

  /// Waits for a while. Returns 0, or the -errno the caller's wait ends with. Throws [Abort] with
  /// WOULD_BLOCK on the event loop.
  int await() {
    if (!call.mayBlock()) {
      throw Abort.WOULD_BLOCK;
    }
    if (startNanos == 0) {
      call.cancellation().waitAtLeisure();
      startNanos = System.nanoTime() | 1;
      timeoutMillis = Sockets.sendTimeoutMillis(socket);
    }
    int millis = millisToWait();
    if (millis <= 0) {
      return -Errno.EAGAIN.number();
    }
    isMissing = Sockets.awaitRoom(socket, millis) == 0;
    if (!isMissing) {
      inVain++;
      if (inVain == 1) {
        return 0;
      }
      // unix(7) datagrams: there is room here, but none at a receiver the socket is not connected
      // to
      Sockets.pause(Math.min(millis, inVain));
    }
    call.validate();
    int errno = call.task().errnoOfSignal();
    return -(errno != 0 && timeoutMillis > 0 ? Errno.EINTR.number() : errno);
  }

  private int millisToWait() {
    if (timeoutMillis == 0) {
      return LOOK_MILLIS;
    }
    long passed = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNanos);
    return (int) Math.min(LOOK_MILLIS, timeoutMillis - passed);
  }
}
