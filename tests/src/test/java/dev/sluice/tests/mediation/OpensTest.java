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
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Nearly two thousand ways to open something, natively and performed by the supervisor: the same
/// descriptors, flags, modes, owners and errors (C60). The cases are in `src/test/c/opens`.
final class OpensTest {
  @RegisterExtension final Sandbox sandbox = new Sandbox();

  @Test
  void opensAreTheSameForTheUserWhoSupervises() {
    compare(command -> command);
  }

  @Test
  @NeedsRoot
  void opensAreTheSameForAnotherUser() {
    compare(command -> command.as(User.ORDINARY.inGroups(77, 78)));
  }

  @Test
  @NeedsRoot
  void opensAreTheSameIfAnOrdinaryUserSupervises() {
    compare(command -> command.supervisedAs(User.ORDINARY));
  }

  @Test
  void opensAreTheSameInAUserNamespace() {
    compare(command -> command, List.of("unshare", "--user", "--map-root-user"), List.of(), 1400);
  }

  /// In that /proc we have no number.
  @Test
  void opensAreTheSameInAPidNamespaceWithItsOwnProc() {
    compare(
        command -> command,
        List.of("unshare", "--user", "--map-root-user", "--pid", "--fork", "--mount-proc"),
        List.of(),
        1400);
  }

  /// On mounts without (nosymfollow), and those of others in shared directories: for as long as it
  /// runs, the kernel protects links everywhere, as it mostly does.
  @Test
  @NeedsRoot
  void linksAreNotFollowedWhereTheKernelDoesNot() throws IOException {
    Path setting = Path.of("/proc/sys/fs/protected_symlinks");
    String before = Files.readString(setting);
    Files.writeString(setting, "1");
    try {
      sandbox.directory("native");
      sandbox.directory("mediated");
      Run natively = opens("native", List.of(), List.of("links")).run().mustSucceed();
      Run mediated =
          opens("mediated", List.of(), List.of("links"))
              .under(lookAtOpensAndMounts())
              .run()
              .mustSucceed();

      assertThat(mediated.differencesOfOpensFrom(natively)).isEmpty();
      assertThat(natively.lines())
          .filteredOn(line -> line.endsWith("EACCES"))
          .hasSizeGreaterThan(30);
      assertThat(natively.lines())
          .filteredOn(line -> line.endsWith("ELOOP"))
          .hasSizeGreaterThan(15);
    } finally {
      Files.writeString(setting, before);
    }
  }

  /// What a worker may not open although it has the same ids, the target may: it is its own.
  @Test
  @NeedsRoot
  void whoeverIsNotDumpableMayStillOpenWhatIsItsOwn() {
    compare(command -> command.as(User.ORDINARY), List.of(), List.of("undumpable"), 250);
  }

  /// O_EXCL without O_CREAT (open(2)).
  @Test
  @NeedsRoot
  void aBlockDeviceThatSomebodyHasClaimedIsBusy() {
    String claim =
        "import os, sys; os.open(sys.argv[1], os.O_RDWR | os.O_EXCL); print('claimed', flush=True);"
            + " sys.stdin.read()";
    String attach = "truncate -s 1M image && losetup --find --show image";
    String device = sandbox.shell(attach).run().mustSucceed().out().strip();
    try (var holder = sandbox.command("python3", "-c", claim, device).start()) {
      holder.awaitOutput("claimed");
      Command mediated =
          sandbox.command("python3", "-c", claim, device).under(sandbox.lookAtEverything());

      assertThat(mediated.run().err()).contains("Device or resource busy");
      holder.closeInput();
      holder.awaitStatus();
      assertThat(mediated.run().mustSucceed().out()).isEqualTo("claimed\n");
    } finally {
      sandbox.shell("losetup --detach " + device).run().mustSucceed();
    }
  }

  private Path lookAtOpensAndMounts() {
    return sandbox.policy(
        "- { on: '@open', when: path.under('/nowhere'), deny: EACCES }",
        "- { on: mount, when: fstype == 'no' || target.under('/nowhere'), deny: EACCES }",
        "- { on: mount_setattr, allow: }");
  }

  private void compare(UnaryOperator<Command> who) {
    compare(who, List.of(), List.of(), 1400);
  }

  private void compare(
      UnaryOperator<Command> who, List<String> prefix, List<String> cases, int atLeast) {
    sandbox.directory("native");
    sandbox.directory("mediated");
    Run natively = who.apply(opens("native", prefix, cases)).run().mustSucceed();
    Run mediated =
        who.apply(opens("mediated", prefix, cases))
            .under(sandbox.lookAtEverything())
            .run()
            .mustSucceed();

    assertThat(mediated.differencesOfOpensFrom(natively)).isEmpty();
    assertThat(natively.lines()).hasSizeGreaterThan(atLeast);
    assertThat(mediated.recordCount()).as("they were mediated indeed").isGreaterThan(atLeast);
  }

  private Command opens(String directory, List<String> prefix, List<String> cases) {
    var words = new ArrayList<>(prefix);
    words.add(Project.program("opens"));
    words.add(directory);
    words.addAll(cases);
    return sandbox.command(words.toArray(String[]::new));
  }
}
