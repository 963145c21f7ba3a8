package dev.sluice.tests.mediation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.tests.harness.Run;
import dev.sluice.tests.harness.Sandbox;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Calls that are made too often fail. Rates are an hour's, so that no time passes in between.
final class LimitsTest {
  @RegisterExtension final Sandbox sandbox = new Sandbox();

  @Test
  void soManyCallsTakePlaceAndTheOthersFail() {
    Run run =
        sandbox
            .shell("for i in $(seq 20); do mkdir d$i 2>> messages; done; ls -d d* | wc -l")
            .under(
                sandbox.policy(
                    """
                    - name: few
                      on: [mkdir, mkdirat]
                      allow:
                      limit: 5/h
                    """))
            .run();

    assertThat(run.mustSucceed().out()).isEqualTo("5\n");
    assertThat(
            run.recordsOf("few").stream().map(entry -> entry.texts("action", "outcome", "errno")))
        .startsWith(Collections.nCopies(5, "allow observed ").toArray(String[]::new))
        .filteredOn("limit refused EAGAIN"::equals)
        .hasSize(15);
  }

  /// To truncate a file is left to a worker, which decides again.
  @Test
  void aCallIsCountedOnceWhoeverPerformsIt() throws IOException {
    Path file = sandbox.file("place/file", "0\n");
    Run run =
        sandbox
            .shell(
                "for i in 1 2 3 4 5 6 7 8; do echo $i > place/file; cat place/file; done 2>"
                    + " messages; :")
            .under(
                sandbox.policy(
                    """
                    - name: few
                      on: "@open"
                      when: path.glob("%s/place/*")
                      allow:
                      limit: { rate: 1/h, burst: 7, otherwise: EMFILE }
                    """
                        .formatted(sandbox.directory())))
            .run();

    assertThat(run.mustSucceed().lines()).containsExactly("1", "2", "3");
    assertThat(Files.readString(file)).isEqualTo("4\n");
    assertThat(run.recordsOf("few").stream().map(entry -> entry.texts("action", "errno")))
        .filteredOn("limit EMFILE"::equals)
        .hasSize(9);
  }

  @Test
  void allProcessesAreCountedTogether() {
    String program =
        """
        import errno, os
        made = 0
        for i in range(300):
            try:
                os.mkdir(f"{os.getpid()}-{i}")
                made += 1
            except OSError as e:
                assert e.errno == errno.ENOBUFS, e
        """;
    sandbox.file("program.py", program);
    Run run =
        sandbox
            .shell("for i in 1 2 3 4; do python3 program.py & done; wait; ls -d [0-9]*-* | wc -l")
            .under(
                sandbox.policy(
                    """
                    - name: few
                      on: [mkdir, mkdirat]
                      allow:
                      limit: { rate: 1/h, burst: 500, otherwise: ENOBUFS }
                    """))
            .run();

    assertThat(run.mustSucceed().out()).isEqualTo("500\n");
    assertThat(run.recordsOf("few")).hasSize(1200);
  }
}
