package dev.sluice.supervisor.launch;

import dev.sluice.supervisor.bpf.Program;
import dev.sluice.supervisor.bpf.SeccompData;
import dev.sluice.supervisor.bpf.Simulator;
import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.Files;
import dev.sluice.supervisor.kernel.FromOthers;
import dev.sluice.supervisor.kernel.NativeBytes;
import dev.sluice.supervisor.kernel.Seccomp;
import dev.sluice.supervisor.kernel.SyscallException;
import dev.sluice.supervisor.kernel.UnixSocket;
import dev.sluice.supervisor.policy.ExactCall;
import dev.sluice.supervisor.syscall.Arch;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntConsumer;

/// A connected launcher, which is about to become a command.
public final class Launcher implements AutoCloseable {
  private static final int PROTOCOL = 0x736c7531;
  private static final int PLAN_HEADER = 20;
  private static final int PLAN_LISTENER = 1;
  private static final int PLAN_WAIT_KILLABLE = 2;
  private static final int PLAN_NO_NEW_PRIVS = 4;
  private static final int PLAN_MAY_FUTEX = 8;
  private static final int PLAN_ABORT = 32;

  private static final int SIZEOF_HELLO = 32;

  /// Of our own, which says something or ends.
  private static final Duration FOR_EVER = Duration.ofDays(10_000);

  private final int socket;
  private final Duration patience;
  private final IntConsumer end;
  private final List<Long> key;

  private Launcher(int socket, Duration patience, IntConsumer end, NativeBytes hello) {
    this.socket = socket;
    this.patience = patience;
    this.end = end;
    this.key = List.of(hello.getLong(8), hello.getLong(16), hello.getLong(24));
  }

  /// Greets a launcher that we have started.
  ///
  /// @param socket a connected SOCK_SEQPACKET socket, ours from now on
  public static Launcher greet(int socket) throws LaunchException {
    return greet(socket, FOR_EVER, Files::close); // in which nobody else has left anything
  }

  /// Greets a launcher of somebody else, who may have our end of the socket too.
  ///
  /// @param patience the time it has for each step; who has said nothing by then is gone
  public static Launcher greet(int socket, Duration patience) throws LaunchException {
    return greet(socket, patience, FromOthers::end);
  }

  private static Launcher greet(int socket, Duration patience, IntConsumer end)
      throws LaunchException {
    var hello = NativeBytes.allocate(SIZEOF_HELLO);
    UnixSocket.Received received = UnixSocket.receiveWithin(socket, hello, patience);
    close(received.fds()); // a launcher of ours sends none
    if (received.size() != SIZEOF_HELLO || hello.getInt(0) != PROTOCOL) {
      end.accept(socket);
      throw new LaunchException(LaunchException.Stage.GONE, 0);
    }
    return new Launcher(socket, patience, end, hello);
  }

  /// The call by which it will execute the command, as a program or as a text for the shell: of
  /// execve(2) with its key in the registers behind the arguments.
  public ExactCall execCall() {
    return new ExactCall("execve", 3, key);
  }

  /// How a filter is to be installed.
  ///
  /// @param argvOffset which of its own arguments the launcher begins the command at
  public record Plan(
      Program filter, boolean listener, boolean waitKillable, boolean noNewPrivs, int argvOffset) {}

  /// Sends the plan and waits for the notify fd, which is the caller's to close; -1 for a plan
  /// without a listener. Throws [LaunchException] if the launcher could not do it; then it has
  /// ended.
  public int install(Plan plan) throws LaunchException {
    send(toMessage(plan));
    var message = NativeBytes.allocate(16);
    UnixSocket.Received received = UnixSocket.receiveWithin(socket, message, patience);
    if (received.size() < 12 || message.getInt(0) != PROTOCOL) {
      close(received.fds());
      throw new LaunchException(LaunchException.Stage.GONE, 0);
    }
    int stage = message.getInt(4);
    if (stage != 1) {
      close(received.fds());
      throw new LaunchException(LaunchException.Stage.ofNumber(stage), message.getInt(8));
    }
    if (received.fds().length > 1) {
      close(received.fds()); // this is no launcher of ours
    }
    return received.fds().length == 1 ? received.fds()[0] : -1;
  }

  private static void close(int[] fds) {
    Arrays.stream(fds).forEach(FromOthers::close);
  }

  /// Lets the launcher execute the command: whoever answers the notify fd is ready.
  public void go() {
    sendVerdict(1, 0);
  }

  /// Ends the launcher instead, after [#install].
  public void refuse(int status) {
    sendVerdict(0, status);
  }

  /// Ends the launcher instead, before [#install]: it exits with `status` and says nothing.
  public void abort(int status) {
    abort(status, "");
  }

  /// The same, and it says why: a line of at most some KiB.
  public void abort(int status, String text) {
    byte[] said = text.getBytes(StandardCharsets.UTF_8);
    var plan = ByteBuffer.allocate(PLAN_HEADER + said.length).order(ByteOrder.nativeOrder());
    plan.putInt(PROTOCOL).putInt(PLAN_ABORT).putInt(0).putInt(status).putInt(0).put(said);
    send(plan.array());
  }

  private void sendVerdict(int go, int status) {
    var verdict = ByteBuffer.allocate(12).order(ByteOrder.nativeOrder());
    send(verdict.putInt(PROTOCOL).putInt(go).putInt(status).array());
  }

  private void send(byte[] message) {
    int sent = UnixSocket.sendWithin(socket, NativeBytes.of(message), message.length, patience);
    if (sent != -Errno.EPIPE.number() && sent != -Errno.ECONNRESET.number()) {
      SyscallException.check(sent, "sendmsg", "sluice-launch");
    }
    // a launcher that is gone is noticed when it does not answer
  }

  /// The plan as a message.
  public static byte[] toMessage(Plan plan) {
    int flags =
        (plan.listener ? PLAN_LISTENER : 0)
            | (plan.waitKillable ? PLAN_WAIT_KILLABLE : 0)
            | (plan.noNewPrivs ? PLAN_NO_NEW_PRIVS : 0)
            | (leavesFutexAlone(plan.filter) ? PLAN_MAY_FUTEX : 0);
    byte[] instructions = plan.filter.toBytes();
    var message =
        ByteBuffer.allocate(PLAN_HEADER + instructions.length).order(ByteOrder.nativeOrder());
    message.putInt(PROTOCOL).putInt(flags).putInt(plan.argvOffset).putInt(0);
    message.putInt(plan.filter.size()).put(instructions);
    return message.array();
  }

  /// Whether the launcher may wait for us by futex(2) once the filter is on.
  private static boolean leavesFutexAlone(Program filter) {
    Arch arch = Arch.host();
    var call = SeccompData.of(arch.number("futex").orElseThrow(), arch.audit());
    return Simulator.run(filter, call).action() == Seccomp.RET_ALLOW;
  }

  @Override
  public void close() {
    end.accept(socket);
  }
}
