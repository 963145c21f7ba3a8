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
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Files that exist in a policy only, and files in the place of others. The cases are in
/// `src/test/python/reading.py`.
final class ServedFilesTest {
  private static final String CONTENT = "nameserver 127.0.0.53\nsearch example.org\n";

  @RegisterExtension final Sandbox sandbox = new Sandbox();

  @Test
  @NeedsRoot
  void aServedFileIsLikeOneThatIsMountedReadOnly() throws IOException {
    compare(List.of());
  }

  @Test
  @NeedsRoot
  void soItIsForAnotherUser() throws IOException {
    compare(User.ORDINARY.prefix());
  }

  private void compare(List<String> user) throws IOException {
    sandbox.directory("native");
    Path directory = sandbox.file("native/place/file", CONTENT).getParent();
    Files.setPosixFilePermissions(
        directory.resolve("file"), PosixFilePermissions.fromString("r--r--r--"));
    sandbox.file("mediated/place/file", "what is there\n");
    Run natively =
        sandbox
            .readOnly(directory, reading("native", user))
            .in(sandbox.path("native"))
            .run()
            .mustSucceed();
    Run mediated =
        sandbox
            .command(reading("mediated", user))
            .in(sandbox.directory("mediated"))
            .under(serving("mediated/place/file"))
            .run()
            .mustSucceed();

    assertThat(mediated.differencesFrom(natively)).isEmpty();
    assertThat(natively.lines()).hasSizeGreaterThan(60);
    assertThat(mediated.recordsOf("served")).hasSizeGreaterThan(60);
  }

  private List<String> reading(String directory, List<String> user) {
    var words = new ArrayList<>(user);
    words.addAll(Project.python("reading"));
    words.add(sandbox.path(directory).resolve("place/file").toString());
    return words;
  }

  private Path serving(String file) {
    sandbox.file("content", CONTENT);
    return sandbox.policy(
        """
        - name: served
          when: path == "%s"
          serve: { file: ./content }
        """
            .formatted(sandbox.path(file)));
  }

  @Test
  void programsThatCopyCompareAndSearchFindWhatIsServed() throws IOException {
    sandbox.file("file", "real\n");
    Run run =
        sandbox
            .shell(
                """
                cat file; cp file copy; cmp file copy && grep -c example file; wc -c < file
                head -n 1 file | tr a-z A-Z; tail -n 1 file; sort file | tail -n 1; md5sum < file
                [ -r file ] && [ -f file ] && ! [ -x file ] && ! [ -h file ] && echo file
                tar cf - file | tar xOf -; cat < file > copy; ls copy; echo . | cat - file
                """)
            .under(serving("file"))
            .run();

    assertThat(run.mustSucceed().out())
        .isEqualTo(
            CONTENT
                + "1\n41\nNAMESERVER 127.0.0.53\nsearch example.org\nsearch example.org\n"
                + "3808b1e28691e4f346630c74d60ba69e  -\nfile\n"
                + CONTENT
                + "copy\n.\n"
                + CONTENT);
    assertThat(Files.readString(sandbox.path("copy"))).isEqualTo(CONTENT);
    assertThat(Files.readString(sandbox.path("file"))).isEqualTo("real\n");
  }

  @Test
  void whoWantsToWriteIsToldThatItIsReadOnly() throws IOException {
    sandbox.file("file", "real\n");
    Run run =
        sandbox
            .shell("echo x > file; echo x >> file; mv file other; rm -f file; ln file other; :")
            .under(serving("file"))
            .run();

    assertThat(run.status()).isZero();
    assertThat(run.err().lines()).hasSize(5).allMatch(line -> line.endsWith("system"));
    assertThat(Files.readString(sandbox.path("file"))).isEqualTo("real\n");
  }

  /// There need be no file in its place.
  @Test
  void whoWantsToLinkItIsToldTheSame() {
    Run run = sandbox.shell("cat file; ln file other").under(serving("file")).run();

    assertThat(run.out()).isEqualTo(CONTENT);
    assertThat(run.err()).endsWith("Read-only file system\n");
  }

  @Test
  void aTemplateSaysWhoReadsIt() {
    Path policy =
        sandbox.policy(
            """
            - name: served
              when: path == "%s"
              serve: { template: "${task.pid} ${task.comm} ${task.exe} ${HOME}\\n" }
            """
                .formatted(sandbox.path("file")));
    Run run =
        sandbox
            .shell("sh -c 'echo $$; exec cat file'; cat file file | uniq | wc -l; stat -c %s file")
            .environment("HOME", "/home/me")
            .under(policy)
            .run();

    String cat = sandbox.shell("readlink -f $(command -v cat)").run().out().strip();
    List<String> lines = run.mustSucceed().lines();
    assertThat(lines.get(1)).isEqualTo(lines.get(0) + " cat " + cat + " /home/me");
    assertThat(lines.get(2)).as("the same twice for one process").isEqualTo("1");
    assertThat(lines.get(3)).isNotEqualTo("0");
  }

  @Test
  void aRedirectedFileLooksLikeTheOneThatIsOpened() {
    sandbox.file("named", "named\n");
    sandbox.file("meant", "meant instead\n");
    Path policy =
        sandbox.policy(
            """
            - name: redirected
              when: path == "%s"
              redirect: %s
            """
                .formatted(sandbox.path("named"), sandbox.path("meant")));
    String look = "stat -c '%s %i %F' PATH; cat PATH; cp PATH copy; cat copy; stat -L -c %s PATH";
    Run named = sandbox.shell(look.replace("PATH", "named")).under(policy).run().mustSucceed();
    Run meant = sandbox.shell(look.replace("PATH", "meant")).run().mustSucceed();

    assertThat(named.out()).isEqualTo(meant.out());
    assertThat(named.recordsOf("redirected"))
        .allMatch(entry -> entry.text("action").equals("redirect"))
        .hasSizeGreaterThan(4);
  }

  @Test
  void noFileIsFoundBehindASlash() {
    sandbox.file("meant", "meant instead\n");
    Path policy =
        sandbox.policy(
            "- { when: path == '%s', redirect: %s }"
                .formatted(sandbox.path("named"), sandbox.path("meant")));
    String mediated = "cat named/; stat named/; mkdir named; cat named/; (: >named/)";

    Run run = sandbox.shell(mediated).under(policy).run();
    assertThat(run.out()).isEmpty();
    assertThat(run.err().lines()).hasSize(4);
    assertThat(run.err().lines().limit(3)).allMatch(line -> line.endsWith("Not a directory"));
    assertThat(run.err()).endsWith("Is a directory\n");
  }

  /// Whoever may replace it, or a directory on the way, would have any file opened in its place.
  @Test
  void aLinkInThePlaceOfTheFileThatIsMeantIsNotFollowed() {
    sandbox.file("named", "named\n");
    sandbox.file("secret/key", "secret\n");
    Path policy =
        sandbox.policy(
            """
            - { when: path == "%s", redirect: %s }
            - { on: "@open", when: path.under("%s"), deny: EPERM }
            """
                .formatted(
                    sandbox.path("named"), sandbox.path("place/key"), sandbox.path("secret")));
    String look =
        """
        mkdir place; echo meant >place/key; cat named
        rm place/key; cat named
        ln -s ../secret/key place/key; cat named
        ln -sf /proc/self/environ place/key; cat named; cat named
        rm -r place; ln -s secret place; cat named
        """;
    Run run = sandbox.shell(look).under(policy).run();

    assertThat(run.out()).isEqualTo("meant\n");
    assertThat(run.err())
        .isEqualTo(
            "cat: named: No such file or directory\n"
                + "cat: named: Permission denied\n".repeat(4));
  }
}
