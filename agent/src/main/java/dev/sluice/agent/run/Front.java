package dev.sluice.agent.run;

import dev.sluice.supervisor.SluiceException;
import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.NativeBytes;
import dev.sluice.supervisor.kernel.Processes;
import dev.sluice.supervisor.kernel.UnixSocket;
import dev.sluice.supervisor.launch.Launcher;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// `sluice-run`, the process the user sees, and the command it started beside us. See
/// native/run/main.c.
public final class Front {
  private static final int PROTOCOL = 0x736c7531;
  private static final int MESSAGE_SIZE = 12;
  private static final int STARTED = 2;
  private static final int STOPPED = 3;
  private static final int ENDED = 4;
  private static final int BECOME = 5;

  private final int socket;
  private final int launchSocket;
  private final int pid;

  private Front(int socket, int launchSocket, int pid) {
    this.socket = socket;
    this.launchSocket = launchSocket;
    this.pid = pid;
  }

  /// Throws [SluiceException] if it was not `sluice-run` that started us.
  public static Front ofEnvironment() {
    return new Front(
        number("SLUICE_FRONT_FD"), number("SLUICE_LAUNCH_FD"), number("SLUICE_LAUNCH_PID"));
  }

  private static int number(String variable) {
    String value = System.getenv(variable);
    if (value == null || !value.matches("\\d{1,9}")) {
      throw new SluiceException("'run' is started by the sluice script, not by java");
    }
    return Integer.parseInt(value);
  }

  /// Leads to the launcher.
  int launchSocket() {
    return launchSocket;
  }

  /// The command is about to be executed. Returns when what lets that pass is forgotten, or nobody
  /// is there who knew it.
  void started() {
    tell(STARTED, 0);
    UnixSocket.receive(socket, NativeBytes.allocate(MESSAGE_SIZE));
  }

  /// The command has ended, and whoever waits for it may go on.
  void ended(int status) {
    tell(ENDED, status);
  }

  /// Has `sluice-run` become the command itself. We are to end then.
  void become(Launcher.Plan plan) {
    tell(BECOME, 0);
    send(Launcher.toMessage(plan));
  }

  /// Waits for the command to end, and tells of its stops meanwhile. Returns its wait status.
  int await() {
    var status = NativeBytes.allocate(4);
    while (true) {
      // of nobody else: what our threads trace and what our workers do is theirs to wait for
      int ended = Processes.waitpid(pid, status, Processes.WUNTRACED);
      if (ended == pid) {
        int value = status.getInt(0);
        if ((value & 0xff) != 0x7f) {
          return value;
        }
        tell(STOPPED, value >> 8 & 0xff);
      } else if (ended < 0 && ended != -Errno.EINTR.number()) {
        throw new SluiceException("waitpid " + pid + ": " + Errno.nameOf(-ended));
      }
    }
  }

  /// Asks the command to end (SIGTERM).
  public void terminate() {
    ProcessHandle.of(pid).ifPresent(ProcessHandle::destroy);
  }

  private void tell(int event, int value) {
    var message = ByteBuffer.allocate(MESSAGE_SIZE).order(ByteOrder.nativeOrder());
    message.putInt(PROTOCOL).putInt(event).putInt(value);
    send(message.array());
  }

  /// If nobody is there any more, the command goes on without.
  private void send(byte[] message) {
    UnixSocket.send(socket, NativeBytes.of(message), message.length);
  }
}
