package dev.sluice.tests.mediation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.tests.harness.Command;
import dev.sluice.tests.harness.NeedsRoot;
import dev.sluice.tests.harness.Project;
import dev.sluice.tests.harness.Sandbox;
import dev.sluice.tests.harness.User;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// What `src/docs/transparency.md` lists is different, in that way and no other. Each line of a
/// table is a case of a program in `src/test/python`: its name, what comes of it natively, and
/// mediated.
final class KnownDifferencesTest {
  private static final String SERVED = "when: path == \"%s\", serve: {content: \"served\\n\"}";

  private static final String HIDDEN = "when: path.glob(\"**/hidden\"), hide: ";

  @RegisterExtension final Sandbox sandbox = new Sandbox();

  @Test
  void ofOpensLooksAndChanges() {
    differ(
        "differences",
        command -> command,
        """
        o_nofollow                | True   | False
        o_path_by_openat2         | opened | ENOSYS
        resolve_cached            | EAGAIN | opened
        closed_for_all            | True   | False
        missing_without_room      | EMFILE | ENOENT
        unreadable_memory         | 0      | EFAULT
        controlling_terminal      | None   | ENXIO
        deeper_than_path_max      | True   | ENAMETOOLONG
        who_says_sigxfsz          | True   | False
        landlock                  | EACCES | None
        no_new_privs              | ['0']  | ['1']
        """);
  }

  @Test
  @NeedsRoot
  void ofRoot() {
    differ(
        "differences",
        command -> command,
        """
        access_without_setuid_fixup | True | False
        who_is_seen_to_open         | True | False
        """);
  }

  @Test
  @NeedsRoot
  void ofRootWithMountsOfItsOwn() {
    differIn(
        List.of("unshare", "--mount"),
        sandbox.lookAtEverything(),
        """
        automount         | True | False
        automount_by_open | True | False
        """);
  }

  @Test
  @NeedsRoot
  void ofMounts() {
    Path policy = sandbox.policy("- {on: mount, when: 'target.under(\"/nowhere\")', deny: EACCES}");
    differIn(List.of("unshare", "--mount"), policy, "overlay_after_chroot | 0 | ENOENT");
  }

  private void differIn(List<String> prefix, Path policy, String table) {
    Path natively = sandbox.directory("native");
    Path mediated = sandbox.directory("mediated");
    assertDiffer(
        sandbox.command(as(prefix, words("differences", natively, table))),
        sandbox.command(as(prefix, words("differences", mediated, table))).under(policy),
        table);
  }

  /// For as long as it runs, the kernel protects such files everywhere, as it mostly does.
  @Test
  @NeedsRoot
  void ofFilesThatAreProtected() throws IOException {
    Path setting = Path.of("/proc/sys/fs/protected_regular");
    String before = Files.readString(setting);
    Files.writeString(setting, "1");
    try {
      differ("differences", command -> command, "protected_regular | EACCES | None");
    } finally {
      Files.writeString(setting, before);
    }
  }

  @Test
  @NeedsRoot
  void ofAnotherUser() {
    differ(
        "differences",
        command -> command.as(User.ORDINARY),
        """
        attributes_of_own_descriptors | ENOTSUP | EACCES
        unnamed_in_own_descriptors    | ENOTSUP | EACCES
        create_in_own_descriptors     | ENOENT  | EACCES
        unlink_in_own_descriptors     | EPERM   | EACCES
        """);
  }

  @Test
  @NeedsRoot
  void ofAnOrdinaryUserWhoSupervises() {
    differ(
        "differences",
        command -> command.supervisedAs(User.ORDINARY),
        """
        not_dumpable | 0 | EPERM
        """);
  }

  @Test
  void ofConnectsBindsAndSends() {
    differ(
        "socket_differences",
        command -> command,
        """
        peer                     | (True, True)   | (False, True)
        sender                   | (True, True)   | (False, True)
        name_of_bound            | directory/name | name
        wrong_address_and_many_parts | EFAULT     | EMSGSIZE
        unspecified_family       | 0              | EAFNOSUPPORT
        zero_copy                | 1              | ENOBUFS
        messages_to_two          | 2              | 1
        options_of_one_message   | 1              | EPERM
        route_of_one_message     | ('EINVAL', 'EINVAL') | ('EPERM', 'EPERM')
        wrong_socket_and_address | EBADF          | EFAULT
        """);
  }

  @Test
  @NeedsRoot
  void ofLargeDatagrams() {
    differ("socket_differences", command -> command, "large_datagram | 1572864 | EMSGSIZE");
  }

  @Test
  @NeedsRoot
  void ofLargeMessagesOfAnotherUser() {
    differ(
        "socket_differences",
        command -> command.as(User.ORDINARY),
        """
        named_as_somebody_else | EPERM | 1
        datagram_of_another    | 65537 | EMSGSIZE
        descriptors_of_another | 1     | ETOOMANYREFS
        """);
  }

  /// Natively it is compared with a file that is mounted read-only.
  @Test
  @NeedsRoot
  void ofServedFiles() {
    madeUp(
        List.of(),
        SERVED,
        """
        links               | 1     | 0
        file_system         | True  | False
        name_of_descriptor  | file  | memfd:served (deleted)
        o_path              | EBADF | b'ser'
        mode_by_descriptor  | EROFS | None
        times_by_descriptor | EROFS | None
        """);
  }

  @Test
  @NeedsRoot
  void ofServedFilesForAnotherUser() {
    madeUp(
        User.ORDINARY.prefix(),
        SERVED,
        """
        write_without_permission | EACCES | EROFS
        o_noatime                | EPERM  | None
        """);
  }

  @Test
  void ofServedFilesWhereThereIsNone() {
    Path natively = sandbox.file("native/file", "native\n").getParent();
    Path mediated = sandbox.directory("mediated");
    String table =
        """
        listed      | ['file'] | []
        path_behind | ENOTDIR  | ENOENT
        watch       | watched  | ENOENT
        """;
    assertDiffer(
        sandbox.command(words("made_up", natively, table)),
        sandbox
            .command(words("made_up", mediated, table))
            .under(madeUp(SERVED, mediated.resolve("file"))),
        table);
  }

  @Test
  @NeedsRoot
  void ofRedirectedFiles() {
    madeUp(
        List.of(),
        "when: path == \"%s\", redirect: /etc/passwd",
        """
        o_path | EBADF | b'roo'
        """);
  }

  @Test
  @NeedsRoot
  void ofWhatIsReadOnly() {
    madeUp(
        List.of(),
        "when: path.under(\"%s\"), read-only: ",
        """
        mode_by_descriptor      | EROFS | None
        owner_by_descriptor     | EROFS | None
        attribute_by_descriptor | EROFS | None
        flags_by_descriptor     | EROFS | 0
        moved_out               | EXDEV | EROFS
        moved_in                | EXDEV | EROFS
        """);
  }

  @Test
  void ofNamesThatAreHidden() {
    Path natively = sandbox.directory("native");
    sandbox.directory("native/directory");
    Path mediated = sandbox.directory("mediated");
    sandbox.directory("mediated/directory/hidden");
    sandbox.directory("native/sockets");
    sandbox.directory("mediated/sockets");
    String bind = "import socket; socket.socket(socket.AF_UNIX).bind('mediated/sockets/hidden')";
    sandbox.command("/usr/bin/python3", "-c", bind).run().mustSucceed();
    String table =
        """
        made                        | None      | ENOENT
        directory_with_hidden_names | (2, None) | (3, 'ENOTEMPTY')
        listed_at_once              | True      | False
        connected                   | ENOENT    | ECONNREFUSED
        """;
    assertDiffer(
        sandbox.command(words("made_up", natively, table)),
        sandbox.command(words("made_up", mediated, table)).under(madeUp(HIDDEN, mediated)),
        table);
  }

  /// Whoever has it keeps it, and its directory tells what becomes of it.
  @Test
  void ofWhatWasOpenBefore() {
    sandbox.file("place/hidden", "secret\n");
    var command = new ArrayList<>(List.of(Project.SCRIPT + "", "run"));
    command.addAll(List.of("--policy", madeUp(HIDDEN, sandbox.path("place")) + "", "--"));
    command.addAll(words("made_up", sandbox.path("place"), "open_before"));

    assertThat(sandbox.shell(String.join(" ", command) + " < place/hidden").run().out())
        .isEqualTo("open_before (b'secret', b'hidden')\n");
  }

  @Test
  void ofTheEnvironment() {
    String policy = sandbox.lookAtEverything().toString();
    String start = "exec env -i PATH=\"$PATH\" SLUICE_NO_BUILD=1 PS1=1 PS2=2 _=3 ";
    String sluice = Project.SCRIPT + " run --policy " + policy + " -- ";

    assertThat(variables(start + "env")).contains("PS1", "PS2", "_").doesNotContain("PWD", "SHLVL");
    assertThat(variables(start + sluice + "env"))
        .contains("PWD", "SHLVL")
        .doesNotContain("PS1", "PS2", "_");
  }

  private List<String> variables(String script) {
    return sandbox.shell(script).run().mustSucceed().lines().stream()
        .map(line -> line.substring(0, line.indexOf('=')))
        .toList();
  }

  private void madeUp(List<String> user, String rule, String table) {
    for (String each : List.of("native", "mediated")) {
      sandbox.file(each + "/place/file", "native\n");
      sandbox.file(each + "/other", "other\n");
    }
    sandbox.shell("chmod 644 */place/file").run().mustSucceed();
    Path natively = sandbox.path("native/place");
    Path mediated = sandbox.path("mediated/place");
    assertDiffer(
        sandbox.readOnly(natively, as(user, words("made_up", natively, table))),
        sandbox
            .command(as(user, words("made_up", mediated, table)))
            .under(madeUp(rule, mediated.resolve("file"))),
        table);
  }

  private Path madeUp(String rule, Path path) {
    return sandbox.policy("- {name: made-up, " + rule.formatted(path) + "}");
  }

  private static List<String> as(List<String> user, List<String> words) {
    var all = new ArrayList<>(user);
    all.addAll(words);
    return all;
  }

  private void differ(String program, UnaryOperator<Command> who, String table) {
    Path natively = sandbox.directory("native");
    Path mediated = sandbox.directory("mediated");
    assertDiffer(
        who.apply(sandbox.command(words(program, natively, table)).in(natively)),
        who.apply(sandbox.command(words(program, mediated, table)).in(mediated))
            .under(sandbox.lookAtEverything()),
        table);
    // what lies too deep for a path
    sandbox.shell("rm -rf native mediated").run().mustSucceed();
  }

  private static List<String> words(String program, Path directory, String table) {
    var words = new ArrayList<>(Project.python(program));
    words.add(directory.toString());
    words.addAll(column(table, 0));
    return words;
  }

  private static void assertDiffer(Command natively, Command mediated, String table) {
    assertThat(natively.run().mustSucceed().lines()).containsExactlyElementsOf(lines(table, 1));
    assertThat(mediated.run().mustSucceed().lines()).containsExactlyElementsOf(lines(table, 2));
  }

  private static List<String> lines(String table, int column) {
    List<String> names = column(table, 0);
    List<String> values = column(table, column);
    return IntStream.range(0, names.size())
        .mapToObj(i -> names.get(i) + " " + values.get(i))
        .toList();
  }

  private static List<String> column(String table, int column) {
    return table.lines().map(line -> line.split("\\|", -1)[column].strip()).toList();
  }
}
