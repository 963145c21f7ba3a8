package dev.sluice.supervisor.policy.inspect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.supervisor.CProgram;
import dev.sluice.supervisor.policy.Policies;
import dev.sluice.supervisor.syscall.Arch;
import org.junit.jupiter.api.Test;

/// Filters as C, in programs that install them.
class CSourceTest {
  private static final String MAIN =
      """

      #include <errno.h>
      #include <linux/seccomp.h>
      #include <stdio.h>
      #include <sys/prctl.h>
      #include <sys/syscall.h>
      #include <unistd.h>

      static int error_of(long result)
      {
      	return result < 0 ? errno : 0;
      }

      int main(void)
      {
      	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
      	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &sluice_prog) < 0) {
      		perror("prctl");
      		return 1;
      	}
      	printf("%d ", error_of(syscall(SYS_getppid)));
      	printf("%d ", error_of(syscall(SYS_dup, 99)));
      	printf("%d ", error_of(syscall(SYS_dup, 98)));
      	printf("%d\\n", error_of(syscall(SYS_getpid)));
      	return 0;
      }
      """;

  @Test
  void theFilterDecidesInAProgramThatInstallsIt() {
    assumeTrue(Arch.host() == Arch.X86_64, "the numbers are those of x86_64");
    var policy =
        Policies.compile(
            """
            sluice: v1
            name: "*/ hostile \\n#error"
            rules:
            - {on: getppid, deny: EXDEV}
            - {on: dup, when: fd == 99, deny: EMLINK}
            """);

    // EXDEV, EMLINK, EBADF
    assertThat(CProgram.of("policy-as-c", CSource.of(policy) + MAIN).run())
        .isEqualTo("18 31 9 0\n");
  }

  @Test
  void itIsSaidHowTheFilterIsInstalled() {
    assertThat(CSource.of(Policies.compile("{sluice: v1, rules: [{on: dup, deny: EIO}]}")))
        .contains(
            " * It needs no listener: prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), then\n",
            " * prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &sluice_prog).\n");
    assertThat(
            CSource.of(
                Policies.compile("{sluice: v1, rules: [{on: dup, allow: , audit: always}]}")))
        .contains(
            " * It notifies: install it with SECCOMP_FILTER_FLAG_NEW_LISTENER, and have somebody"
                + " answer.\n");
  }
}
