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
  private static final int ENDED = 3;
  private static final int BECOME = 4;

  private final int socket;
  private final int launchSocket;
  private final int front;
  private final int pid;
  private final Thread stops =
      Thread.ofPlatform().name("sluice-stops").daemon(true).unstarted(this::stopWithCommand);

  private Front(int socket, int launchSocket, int front, int pid) {
    this.socket = socket;
    this.launchSocket = launchSocket;
    this.front = front;
    this.pid = pid;
  }

  /// Throws [SluiceException] if it was not `sluice-run` that started us. From here on that stops
  /// when the command stops, so that whoever has started it notices, and goes on with it.
  public static Front ofEnvironment() {
    var front =
        new Front(
            number("SLUICE_FRONT_FD"),
            number("SLUICE_LAUNCH_FD"),
            number("SLUICE_FRONT_PID"),
            number("SLUICE_LAUNCH_PID"));
    front.stops.start();
    return front;
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

  /// The command has ended, and been waited for: whoever waits for `sluice-run` may go on, which is
  /// stopped no more.
  void ended(int status) {
    try {
      stops.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    tell(ENDED, status);
  }

  /// Has `sluice-run` become the command itself. We are to end then.
  void become(Launcher.Plan plan) {
    tell(BECOME, 0);
    send(Launcher.toMessage(plan));
  }

  /// By one thread, so that the last signal is for what the command does now. The first may come
  /// while it is not yet the command: the terminal stops that as well.
  ///
  /// In the process group of the session's leader there is nobody who could continue it. The kernel
  /// does not let a terminal stop such an orphaned group; only that we, the command's parent, are
  /// in another one keeps it from noticing.
  private void stopWithCommand() {
    int command = Processes.pidfdOpen(pid);
    int parent = Processes.pidfdOpen(front);
    if (!isOurParent()) {
      return; // its number may mean another by now
    }
    while (true) {
      int signal = Processes.awaitStop(pid);
      if (signal == Processes.SIGTSTP && Processes.isInLeadersGroup(front)) {
        Processes.pidfdSendSignal(command, Processes.SIGCONT);
      } else if (signal >= 0) {
        Processes.pidfdSendSignal(parent, signal == 0 ? Processes.SIGCONT : Processes.SIGSTOP);
      } else if (signal != -Errno.EINTR.number()) {
        // it has ended, as it was stopped, or before it was known that it went on
        Processes.pidfdSendSignal(parent, Processes.SIGCONT);
        return;
      }
    }
  }

  private boolean isOurParent() {
    return ProcessHandle.current().parent().filter(parent -> parent.pid() == front).isPresent();
  }

  /// Waits for the command to end. Returns its wait status.
  int await() {
    var status = NativeBytes.allocate(4);
    while (true) {
      // of nobody else: what our threads trace and what our workers do is theirs to wait for
      int ended = Processes.waitpid(pid, status, 0);
      if (ended == pid) {
        return status.getInt(0);
      }
      if (ended != -Errno.EINTR.number()) {
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
