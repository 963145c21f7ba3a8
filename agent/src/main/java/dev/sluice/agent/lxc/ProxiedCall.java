package dev.sluice.agent.lxc;

import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.Files;
import dev.sluice.supervisor.kernel.NativeBytes;
import dev.sluice.supervisor.kernel.Seccomp;
import dev.sluice.supervisor.kernel.SeccompAnswer;
import dev.sluice.supervisor.kernel.SeccompNotif;
import dev.sluice.supervisor.listener.RelayedCall;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/// A call that a monitor waits for.
///
/// The monitor sends what we answer, as it would complain of every call that had been answered
/// already. But it keeps no account of which answer is that of which call. So an answer is sent
/// only while the call waits, which it does not if the monitor has answered it; in all other cases
/// the connection ends, and with it all confusion.
final class ProxiedCall implements RelayedCall {
  /// Before the monitor's own 30 s are over.
  private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(25);

  private static final long LATE_NANOS = TimeUnit.SECONDS.toNanos(29);

  private final MonitorConnection connection;
  private final int listener;
  private final NativeBytes message = NativeBytes.allocate(ProxyMessage.SIZE);
  private final SeccompNotif notif;
  private final long receivedNanos = System.nanoTime();
  private final AtomicBoolean over = new AtomicBoolean();

  /// @param packet what the monitor sent
  ProxiedCall(MonitorConnection connection, int listener, NativeBytes packet) {
    this.connection = connection;
    this.listener = listener;
    message.put(0, packet, 0, ProxyMessage.SIZE);
    notif = new SeccompNotif(message.slice(ProxyMessage.NOTIF, SeccompNotif.SIZE));
  }

  @Override
  public int listener() {
    return listener;
  }

  @Override
  public void copyTo(SeccompNotif to) {
    to.copy(message, ProxyMessage.NOTIF);
  }

  @Override
  public long patienceNanos() {
    return PATIENCE_NANOS;
  }

  @Override
  public int reply(SeccompAnswer answer) {
    if (over.getAndSet(true)) {
      return -Errno.ENOENT.number();
    }
    message.put(ProxyMessage.RESP, answer.response(), 0, SeccompAnswer.RESPONSE_SIZE);
    boolean waits =
        System.nanoTime() - receivedNanos < LATE_NANOS && Seccomp.idValid(listener, notif) == 0;
    if (!waits || connection.send(message, ProxyMessage.SIZE) < 0) {
      connection.hangUp();
      return -Errno.ENOENT.number();
    }
    return 0;
  }

  @Override
  public void giveUp() {
    if (!over.getAndSet(true)) {
      connection.hangUp();
    }
  }

  @Override
  public void close() {
    Files.close(listener);
  }
}
