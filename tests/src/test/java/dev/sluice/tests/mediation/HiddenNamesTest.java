package dev.sluice.tests.mediation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.tests.harness.Command;
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
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Names that a policy hides, beside names that are not there: the same listings and errors. The
/// cases are in `src/test/python/listings.py`.
final class HiddenNamesTest {
  private static final int MANY = 400;

  /// The cases that change nothing.
  private static final List<String> ONLY_READING =
      List.of(
          "libraries",
          "buffers_of_every_size",
          "places_stay_valid",
          "descriptors_share_a_place",
          "received_descriptors",
          "memory_that_ends");

  @RegisterExtension final Sandbox sandbox = new Sandbox();

  @Test
  void whatIsHiddenIsLikeWhatIsNotThere() throws IOException {
    compare(command -> command);
  }

  @Test
  @NeedsRoot
  void soItIsForAnotherUser() throws IOException {
    compare(command -> command.as(User.ORDINARY));
  }

  @Test
  @NeedsRoot
  void soItIsIfAnOrdinaryUserSupervises() throws IOException {
    compare(command -> command.supervisedAs(User.ORDINARY));
  }

  @Test
  void soItIsInAUserNamespace() throws IOException {
    compare(command -> command, "unshare", "--user", "--map-root-user");
  }

  private void compare(UnaryOperator<Command> who, String... prefix) throws IOException {
    Run natively = who.apply(listings("native", false, prefix)).run().mustSucceed();
    Run mediated =
        who.apply(listings("mediated", true, prefix)).under(hiding()).run().mustSucceed();

    assertThat(mediated.differencesFrom(natively)).isEmpty();
    assertThat(natively.lines()).hasSizeGreaterThan(110);
    assertThat(mediated.recordsOf("hide")).hasSizeGreaterThan(40);
    assertThat(mediated.records())
        .filteredOn(entry -> entry.text("syscall").startsWith("getdents"))
        .hasSizeGreaterThan(500)
        .allMatch(entry -> entry.texts("action", "class").equals("allow EMULATED"));
  }

  private Path hiding() {
    return sandbox.policy(
        """
        - name: hide
          when: path.glob("**/hidden*") || path.glob("**/hidden*/**")
          hide:
        """);
  }

  private Command listings(String directory, boolean withHidden, String... prefix)
      throws IOException {
    var words = new ArrayList<>(List.of(prefix));
    words.addAll(Project.python("listings"));
    words.add(prepare(directory, withHidden).toString());
    return sandbox.command(words).in(sandbox.directory(directory));
  }

  private Path prepare(String name, boolean withHidden) throws IOException {
    Path directory = sandbox.directory(name).resolve("tree");
    for (String each : List.of("few/b", "many", "full", "empty")) {
      Files.createDirectories(directory.resolve(each));
    }
    Files.createFile(directory.resolve("few/a"));
    Files.createSymbolicLink(directory.resolve("few/c"), Path.of("a"));
    for (int i = 0; i < MANY; i++) {
      Files.createFile(directory.resolve("many/name" + i));
      if (withHidden) {
        Files.createFile(directory.resolve("many/hidden" + i));
        Files.createFile(directory.resolve("full/hidden" + i + "x".repeat(200)));
      }
    }
    if (withHidden) {
      Files.createDirectories(directory.resolve("few/hidden/below"));
      Files.createFile(directory.resolve("few/hidden" + "x".repeat(249)));
      Files.createSymbolicLink(directory.resolve("few/hiddenlink"), Path.of("a"));
    }
    return directory;
  }

  @Test
  void programsThatWalkThroughTreesDoNotSeeThem() throws IOException {
    String walk =
        """
        ls -a tree tree/few; ls tree/few/hidden; find tree | sort | head -n 20; echo tree/few/*
        tar cf - tree/few | tar tf - | sort; cp -r tree/few copy; ls copy; du -a tree/few | cut -f 2
        grep -r x tree/few; rm -r copy; ls
        python3 -c 'import os, glob; print(sorted(os.listdir("tree/few")), glob.glob("tree/few/h*"))'
        """;
    prepare("native", false);
    prepare("mediated", true);
    Run natively = sandbox.shell(walk).in(sandbox.path("native")).run();
    Run mediated = sandbox.shell(walk).in(sandbox.path("mediated")).under(hiding()).run();

    assertThat(mediated.out().lines().sorted()).isEqualTo(natively.out().lines().sorted().toList());
    assertThat(mediated.err()).isEqualTo(natively.err()).contains("No such file or directory");
    assertThat(natively.lines()).hasSizeGreaterThan(40);
  }

  /// A file system that a program serves (FUSE): what is looked for there may wait.
  @Test
  @NeedsRoot
  void soItIsOnAFileSystemInUserSpace() throws IOException {
    compareViews(
        (tree, view) -> List.of(Project.program("mirror"), tree.toString(), view.toString()));
  }

  /// An overlay of two directories, with names of both, and one of them whited out.
  @Test
  @NeedsRoot
  void soItIsOnAnOverlay() throws IOException {
    String script =
        """
        mkdir -p "$0"/../top/few && mknod "$0"/../top/few/b c 0 0 && touch "$0"/../top/few/d &&
        mount -t overlay overlay -o lowerdir="$0"/../top:"$0" "$1" && shift && exec "$@"
        """;
    compareViews((tree, view) ->
        List.of("unshare", "--mount", "sh", "-c", script, tree.toString(), view.toString()));
  }

  /// Lists what a file system shows of a tree. It is mounted by who is not supervised.
  private void compareViews(BiFunction<Path, Path, List<String>> mount) throws IOException {
    Run natively = listingsOfView("native", false, mount, List.of());
    Path policy = hiding();
    Run mediated =
        listingsOfView(
            "mediated",
            true,
            mount,
            List.of(Project.SCRIPT.toString(), "run", "--policy", policy.toString(), "--"));

    assertThat(mediated.differencesFrom(natively)).isEmpty();
    assertThat(natively.lines()).hasSizeGreaterThan(100);
  }

  private Run listingsOfView(
      String directory,
      boolean withHidden,
      BiFunction<Path, Path, List<String>> mount,
      List<String> supervised)
      throws IOException {
    Path view = sandbox.directory(directory + "/view");
    var words = new ArrayList<>(mount.apply(prepare(directory, withHidden), view));
    words.addAll(supervised);
    words.addAll(Project.python("listings"));
    words.add(view.toString());
    words.addAll(ONLY_READING);
    return sandbox.command(words).in(sandbox.path(directory)).run().mustSucceed();
  }

  /// What /proc shows depends on who reads it.
  @Test
  @NeedsRoot
  void otherFileSystemsAreListedAsEver() {
    String directories = "/proc/self /proc/self/task/ /sys /sys/kernel/security /dev/pts /";
    String script = "ls -a " + directories + " | grep -v '^[0-9]*$'";
    for (UnaryOperator<Command> who :
        List.<UnaryOperator<Command>>of(command -> command, command -> command.as(User.ORDINARY))) {
      Run natively = who.apply(sandbox.shell(script)).run();
      Run mediated = who.apply(sandbox.shell(script)).under(hiding()).run();

      assertThat(mediated.differencesFrom(natively)).isEmpty();
      assertThat(mediated.err()).isEqualTo(natively.err());
      assertThat(natively.lines()).hasSizeGreaterThan(60);
    }
  }

  @Test
  void whatIsHiddenStaysAsItIs() throws IOException {
    Path secret = sandbox.file("home/.ssh/id", "secret\n");
    Path policy =
        sandbox.policy(
            """
            - name: hide
              when: path.under("~/.ssh")
              hide:
            """);
    Run run =
        sandbox
            .shell(
                """
                cd home; cat .ssh/id; echo x > .ssh/id; rm -rf .ssh; mkdir .ssh; mv .ssh other
                echo x > x; mv x .ssh; ln x .ssh; ln -s .ssh/id link; cat link; ls -A
                """)
            .environment("HOME", sandbox.path("home").toString())
            .under(policy)
            .run();

    assertThat(run.lines()).containsExactly("link", "x");
    assertThat(run.err().lines())
        .hasSize(7)
        .allMatch(line -> line.contains("No such file") || line.contains("nonexistent"));
    assertThat(Files.readString(secret)).isEqualTo("secret\n");
  }

  /// As with what a shell opens for a command, which does not look it up then.
  @Test
  void aDirectoryThatWasOpenBeforeShowsNothingThatIsHidden() {
    sandbox.file("hidden/x", "secret\n");
    String list = "python3 -c 'import os; print(os.listdir(3), os.fstat(3).st_size > 0)' 3< hidden";
    String supervised = "%s run --policy %s -- ".formatted(Project.SCRIPT, hiding());

    assertThat(sandbox.shell(list).run().out()).isEqualTo("['x'] True\n");
    assertThat(sandbox.shell(supervised + list).run().mustSucceed().out()).isEqualTo("[] True\n");
  }

  /// The kernel writes nothing behind a name but its NUL, up to the next entry.
  @Test
  void nothingOfThemIsLeftBetweenOtherNames() throws IOException {
    Path secrets = Files.createDirectory(sandbox.path("secrets"));
    Path others = Files.createDirectory(sandbox.path("others"));
    for (int i = 0; i < 50; i++) {
      Files.createFile(secrets.resolve("hidden-%02d-the-name-of-a-customer".formatted(i)));
      Files.createFile(others.resolve("%05d".formatted(i)));
    }
    sandbox.file(
        "between.py",
        """
        import ctypes, os
        libc = ctypes.CDLL(None)

        def entries(path):
            fd = os.open(path, os.O_RDONLY)
            room = ctypes.create_string_buffer(b"\\xa5" * 8192, 8192)
            size = libc.syscall(ctypes.c_long(217), fd, room, 8192)
            os.close(fd)
            at = 0
            while at < size:
                length = int.from_bytes(room.raw[at + 16:at + 18], "little")
                yield room.raw[at + 19:at + length]
                at += length

        found = set()
        for _ in range(100):
            assert len(list(entries("secrets"))) == 2
            for entry in entries("others"):
                found |= set(entry[entry.index(b"\\0"):])
        print(sorted(found - {0xA5, 0}))
        """);

    Run run = sandbox.command("python3", "between.py").under(hiding()).run();

    assertThat(run.mustSucceed().out()).isEqualTo("[]\n");
  }
}
