package dev.sluice.tests.mediation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.tests.harness.NeedsRoot;
import dev.sluice.tests.harness.Project;
import dev.sluice.tests.harness.Run;
import dev.sluice.tests.harness.Sandbox;
import dev.sluice.tests.harness.User;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// A directory that a policy says is read-only, beside one that is mounted read-only: the same
/// results and errors. The cases are in `src/test/python/changing.py`.
final class ReadOnlyTest {
  private static final String PREPARE =
      """
      mkdir place place/full place/empty; cd place
      echo content > file; echo content > full/file; ln -s file link; ln -s nowhere dangling
      for i in owned program secret; do echo $i > $i; done; chmod 755 program; chmod 600 secret
      mkfifo fifo; chmod 666 file; chmod 777 . full empty; chmod 666 fifo
      """;

  @RegisterExtension final Sandbox sandbox = new Sandbox();

  @Test
  @NeedsRoot
  void aReadOnlyDirectoryIsLikeOneThatIsMountedSo() throws IOException {
    compare(List.of());
  }

  @Test
  @NeedsRoot
  void soItIsForAnotherUser() throws IOException {
    compare(User.ORDINARY.prefix());
  }

  private void compare(List<String> user) throws IOException {
    for (String directory : List.of("native", "mediated")) {
      sandbox.shell(PREPARE).in(sandbox.directory(directory)).run().mustSucceed();
      sandbox.command("mknod", directory + "/place/null", "c", "1", "3").run().mustSucceed();
    }
    Run natively =
        sandbox
            .readOnly(sandbox.path("native/place"), changing("native", user))
            .run()
            .mustSucceed();
    Run mediated =
        sandbox
            .command(changing("mediated", user))
            .under(readOnly(sandbox.path("mediated/place")))
            .run()
            .mustSucceed();

    assertThat(mediated.differencesFrom(natively)).isEmpty();
    assertThat(natively.lines()).hasSizeGreaterThan(800);
    assertThat(mediated.recordsOf("fixed")).hasSizeGreaterThan(600);
    assertThat(mediated.recordsOf("no-sockets")).hasSizeGreaterThan(15);
    assertThat(Files.readString(sandbox.path("mediated/place/file"))).isEqualTo("content\n");
  }

  private List<String> changing(String directory, List<String> user) {
    var words = new ArrayList<>(user);
    words.addAll(Project.python("changing"));
    words.add(sandbox.path(directory).resolve("place").toString());
    return words;
  }

  private Path readOnly(Path directory) {
    return sandbox.policy(
        """
        - name: fixed
          when: path.under("%s")
          read-only:
        """
            .formatted(directory),
        """
        - name: no-sockets
          on: bind
          when: address.path.under("%s")
          read-only:
        """
            .formatted(directory));
  }

  @Test
  void nothingIsMovedInOrOutAndEverythingElseGoesOn() throws IOException {
    sandbox.file("place/file", "content\n");
    sandbox.file("other", "other\n");
    Run run =
        sandbox
            .shell(
                """
                mv place/file . || mv other place || ln place/file new || ln other place/new ||
                echo x > place/new || mkdir place/new || echo none
                cat place/file; mv other another; mkdir new; echo x > new/x; ls
                """)
            .under(readOnly(sandbox.path("place")))
            .run();

    assertThat(run.out()).startsWith("none\ncontent\n").contains("another\n", "new\n", "place\n");
    assertThat(Files.readString(sandbox.path("new/x"))).isEqualTo("x\n");
    assertThat(run.recordsOf("fixed"))
        .filteredOn(
            entry -> entry.texts("action", "outcome", "errno").equals("read-only refused EROFS"))
        .hasSizeGreaterThanOrEqualTo(6);
  }
}
