package dev.sluice.supervisor.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/// Who we are, and signals to others.
class ProcessesTest {
  private static final int NONE = 0;

  @Test
  void knowsThisProcessAndThread() {
    assertThat(Processes.getpid()).isEqualTo((int) ProcessHandle.current().pid());
    String own = "/proc/thread-self/status";
    assertThat(Processes.gettid()).isEqualTo(Integer.parseInt(ProcText.field(own, "Pid")));
    assertThat(Processes.getpgrp()).isPositive();
    String effective = ProcText.field(own, "Uid").split("\t", -1)[1];
    assertThat(Processes.geteuid()).isEqualTo(Integer.parseInt(effective));
  }

  @Test
  void aPidfdOutlivesItsProcessAndMeansNobodyElse() throws IOException, InterruptedException {
    Process sleeper = new ProcessBuilder("sleep", "100").start();
    int pidfd = Processes.pidfdOpen((int) sleeper.pid());
    assertThat(Processes.pidfdSendSignal(pidfd, NONE)).isZero();
    assertThat(Poll.awaitInput(pidfd, 0)).isZero();
    assertThat(Processes.pidfdSendSignal(pidfd, Processes.SIGKILL)).isZero();
    assertThat(sleeper.waitFor()).isEqualTo(128 + Processes.SIGKILL);
    assertThat(Poll.awaitInput(pidfd, 60_000)).isEqualTo(1);
    assertThat(Processes.pidfdSendSignal(pidfd, NONE)).isEqualTo(-Errno.ESRCH.number());
    Files.close(pidfd);
  }

  @Test
  void aThreadThatDoesNotLeadItsProcessNeedsAPidfdOfItsOwn() {
    assertThat(Processes.pidfdOpen(Processes.gettid())).isNegative();
    int pidfd = Processes.pidfdOpenThread(Processes.gettid());
    if (pidfd >= 0) {
      assertThat(Processes.pidfdSendSignal(pidfd, NONE)).isZero();
      Files.close(pidfd);
    } else {
      assertThat(pidfd).as("before 6.9").isEqualTo(-Errno.EINVAL.number());
    }
  }

  @Test
  void aThreadIsFoundOnlyInItsProcess() {
    assertThat(Processes.tgkill(Processes.getpid(), Processes.gettid(), NONE)).isZero();
    assertThat(Processes.tgkill(1, Processes.gettid(), NONE)).isEqualTo(-Errno.ESRCH.number());
  }

  @Test
  void thereIsNothingToWaitForInAProcessThatIsNotOurChild() {
    assertThat(Processes.waitpid(1, NativeBytes.allocate(4), 0)).isEqualTo(-Errno.ECHILD.number());
  }

  /// What the JVM raises for itself stays: blocked, it would end the process.
  @Test
  void aThreadBlocksEverySignalThatAnotherCouldSendIt() throws InterruptedException {
    var blocked = new AtomicReference<>("");
    var thread =
        new Thread(() -> {
          Signals.blockAsynchronous();
          blocked.set(ProcText.field("/proc/thread-self/status", "SigBlk"));
        });
    thread.start();
    thread.join();
    long mask = Long.parseUnsignedLong(blocked.get(), 16);
    for (int signal = 1; signal <= 64; signal++) {
      boolean open =
          switch (signal) {
            case 4, 5, 7, 8, 11 -> true; // ILL, TRAP, BUS, FPE, SEGV
            case 9, 19 -> true; // KILL and STOP cannot be blocked
            default -> false;
          };
      assertThat((mask >>> (signal - 1) & 1) == 0).as("signal %d", signal).isEqualTo(open);
    }
  }
}
