package dev.sluice.tests.mediation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.tests.harness.NeedsRoot;
import dev.sluice.tests.harness.Run;
import dev.sluice.tests.harness.Sandbox;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// A change of identity that a policy has logged is one the supervisor hears of.
final class LoggedChangeTest {
  @RegisterExtension final Sandbox sandbox = new Sandbox();

  @Test
  @NeedsRoot
  void whoIsRootNoLongerOpensNoFileOfRoot() throws IOException {
    Path file = sandbox.file("of-root", "content");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    Path policy =
        sandbox.policy(
            """
            - name: changes
              on: "@setuid"
              log:
            """,
            """
            - name: nothing
              on: "@open"
              when: path.glob("/nowhere/**")
              deny: EACCES
            """);
    Run run =
        sandbox
            .command(
                "/usr/bin/python3",
                "-c",
                """
                import errno, os
                def attempt():
                    try:
                        with open("of-root") as file:
                            return file.read()
                    except OSError as e:
                        return errno.errorcode[e.errno]
                print(attempt())
                os.setuid(65534)
                print(attempt())
                """)
            .in(sandbox.directory())
            .under(policy)
            .run();

    assertThat(run.mustSucceed().lines()).containsExactly("content", "EACCES");
    assertThat(run.recordsOf("changes")).hasSize(1);
  }
}
