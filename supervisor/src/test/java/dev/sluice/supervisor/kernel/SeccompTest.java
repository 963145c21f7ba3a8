package dev.sluice.supervisor.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.supervisor.syscall.Arch;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Receiving and answering, on a real listener.
class SeccompTest {
  private final SeccompAnswer answer = new SeccompAnswer();
  private NotifiedThread target;

  @BeforeEach
  void start() {
    target = NotifiedThread.notifying("getppid");
  }

  @AfterEach
  void end() {
    target.close();
  }

  @Test
  void aCallArrivesWithItsThreadAndRegisters() {
    var result = target.call("getppid", 1, -2, 1L << 40, Long.MIN_VALUE, 5, Long.MAX_VALUE);
    SeccompNotif call = target.receive();
    assertThat(call.id()).isNotZero();
    assertThat(call.pid()).isEqualTo(target.tid());
    assertThat(call.nr()).isEqualTo(Arch.host().number("getppid").orElseThrow());
    assertThat(call.arch()).isEqualTo(Arch.host().audit());
    assertThat(call.instructionPointer()).isNotZero();
    long[] args = new long[6];
    for (int i = 0; i < 6; i++) {
      args[i] = call.arg(i);
    }
    assertThat(args).containsExactly(1, -2, 1L << 40, Long.MIN_VALUE, 5, Long.MAX_VALUE);
    answer.sendValue(target.listener(), call.id(), 0);
    assertThat(result.join()).isZero();
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 4711, 1L << 40, Long.MAX_VALUE, Long.MIN_VALUE, -4096})
  void anAnswerCanBeAnyValue(long value) {
    var result = target.call("getppid");
    assertThat(answer.sendValue(target.listener(), target.receive().id(), value)).isZero();
    assertThat(result.join()).isEqualTo(value);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 13, 133, 4095})
  void anErrnoArrivesAsAFailure(int errno) {
    var result = target.call("getppid");
    assertThat(answer.sendErrno(target.listener(), target.receive().id(), errno)).isZero();
    assertThat(result.join()).isEqualTo(-errno);
  }

  @Test
  void aCallThatContinuesIsExecutedByTheKernel() {
    var result = target.call("getppid");
    assertThat(answer.sendContinue(target.listener(), target.receive().id())).isZero();
    long parent = ProcessHandle.current().parent().map(ProcessHandle::pid).orElse(0L);
    assertThat(result.join()).isEqualTo(parent);
  }

  @Test
  void anInjectedDescriptorIsTheResult(@TempDir Path directory) throws IOException {
    Path file = java.nio.file.Files.writeString(directory.resolve("file"), "content");
    int fd = Files.open(file.toString(), OpenFlags.O_RDONLY);
    for (boolean closeOnExec : new boolean[] {true, false}) {
      var result = target.call("getppid");
      long id = target.receive().id();
      int injected = answer.sendFd(target.listener(), id, fd, closeOnExec);
      assertThat(result.join()).isEqualTo(injected);
      assertThat(injected).isNotEqualTo(fd);
      int flags = Integer.parseInt(ProcText.field("/proc/self/fdinfo/" + injected, "flags"), 8);
      assertThat((flags & OpenFlags.O_CLOEXEC) != 0).isEqualTo(closeOnExec);
      assertThat(Files.read(injected, NativeBytes.allocate(1))).isEqualTo(1);
      Files.close(injected);
    }
    Files.close(fd);
  }

  /// EBADF. The call has not been answered by that.
  @Test
  void aDescriptorThatOnlyNamesAFileCannotBeInjected() {
    var result = target.call("getppid");
    long id = target.receive().id();
    int path = Files.open("/", OpenFlags.O_PATH);
    assertThat(answer.sendFd(target.listener(), id, path, true)).isEqualTo(-Errno.EBADF.number());
    assertThat(answer.sendErrno(target.listener(), id, Errno.EIO.number())).isZero();
    assertThat(result.join()).isEqualTo(-Errno.EIO.number());
    Files.close(path);
  }

  @Test
  void aCallIsValidUntilItIsAnswered() {
    var result = target.call("getppid");
    SeccompNotif call = target.receive();
    assertThat(Seccomp.idValid(target.listener(), call)).isZero();
    answer.sendValue(target.listener(), call.id(), 0);
    assertThat(Seccomp.idValid(target.listener(), call)).isEqualTo(-Errno.ENOENT.number());
    result.join();
  }

  @Test
  void aCallIsAnsweredOnlyOnce() {
    var result = target.call("getppid");
    long id = target.receive().id();
    assertThat(answer.sendValue(target.listener(), id, 1)).isZero();
    assertThat(answer.sendValue(target.listener(), id, 2))
        .isIn(-Errno.EINPROGRESS.number(), -Errno.ENOENT.number());
    assertThat(result.join()).isEqualTo(1);
  }

  @Test
  void thereIsNoCallOfAnotherId() {
    assertThat(answer.sendValue(target.listener(), 4711, 0)).isEqualTo(-Errno.ENOENT.number());
  }

  @Test
  void memoryThatIsReceivedIntoMustBeZero() {
    var result = target.call("getppid");
    SeccompNotif call = target.receive();
    assertThat(Seccomp.receive(target.listener(), call)).isEqualTo(-Errno.EINVAL.number());
    answer.sendValue(target.listener(), call.id(), 0);
    result.join();
    CompletableFuture<Long> next = target.call("getppid");
    call.clear();
    assertThat(Seccomp.receive(target.listener(), call)).isZero();
    answer.sendValue(target.listener(), call.id(), 0);
    next.join();
  }

  @Test
  void aNotificationCanBeMadeWithoutAKernel() {
    var call = new SeccompNotif(NativeBytes.allocate(SeccompNotif.SIZE));
    call.set(7, 8, 9, Arch.I386.audit(), 10, -11);
    assertThat(call.id()).isEqualTo(7);
    assertThat(call.pid()).isEqualTo(8);
    assertThat(call.nr()).isEqualTo(9);
    assertThat(call.arch()).isEqualTo(Arch.I386.audit());
    assertThat(call.arg(0)).isEqualTo(10);
    assertThat(call.arg(1)).isEqualTo(-11);
    assertThat(call.arg(5)).isZero();
  }

  @Test
  void thisKernelsStructIsTheOneWeKnow() {
    assertThat(Seccomp.notifSize()).isEqualTo(80);
  }

  @Test
  void theTargetIsWokenOnOurCpuWhereTheKernelCan() {
    assertThat(Seccomp.setSyncWakeUp(target.listener())).isIn(0, -Errno.EINVAL.number());
  }
}
