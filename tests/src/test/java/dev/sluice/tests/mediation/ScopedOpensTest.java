package dev.sluice.tests.mediation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.tests.harness.Command;
import dev.sluice.tests.harness.NeedsRoot;
import dev.sluice.tests.harness.Project;
import dev.sluice.tests.harness.Run;
import dev.sluice.tests.harness.Sandbox;
import dev.sluice.tests.harness.User;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// What openat2(2) finds in a scope with links that mean whoever asks, natively and mediated. The
/// cases are in `src/test/python/scoped.py`.
@NeedsRoot
final class ScopedOpensTest {
  private static final String MOUNT = "mount -t proc proc base/proc && exec \"$@\"";

  @RegisterExtension final Sandbox sandbox = new Sandbox();

  @Test
  void linksThroughProcStayInTheScope() {
    compare(List.of("unshare", "--mount"), List.of());
  }

  @Test
  void theyDoForAnotherUser() {
    compare(List.of("unshare", "--mount"), User.ORDINARY.prefix());
  }

  @Test
  void theyDoInAPidNamespaceWithItsOwnProc() {
    compare(List.of("unshare", "--mount", "--pid", "--fork", "--mount-proc"), List.of());
  }

  private void compare(List<String> namespaces, List<String> user) {
    Run natively = scoped("native", namespaces, user).run().mustSucceed();
    Run mediated =
        scoped("mediated", namespaces, user)
            .under(sandbox.secret(sandbox.path("nowhere")))
            .run()
            .mustSucceed();

    assertThat(mediated.differencesFrom(natively)).isEmpty();
    assertThat(natively.lines())
        .contains("IN_ROOT a/shadow ENOENT", "BENEATH a/shadow EXDEV")
        .hasSizeGreaterThan(400);
  }

  private Command scoped(String directory, List<String> namespaces, List<String> user) {
    sandbox.directory(directory + "/base/proc");
    sandbox.directory(directory + "/base");
    sandbox.directory(directory);
    var words = new ArrayList<>(namespaces);
    words.addAll(List.of("sh", "-c", MOUNT, "sh"));
    words.addAll(user);
    words.addAll(Project.python("scoped"));
    return sandbox.command(words).in(sandbox.path(directory));
  }
}
