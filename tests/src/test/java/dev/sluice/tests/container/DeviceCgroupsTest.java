package dev.sluice.tests.container;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.tests.harness.Cgroup;
import dev.sluice.tests.harness.Command;
import dev.sluice.tests.harness.DeviceCgroup;
import dev.sluice.tests.harness.NeedsRoot;
import dev.sluice.tests.harness.Project;
import dev.sluice.tests.harness.Run;
import dev.sluice.tests.harness.Sandbox;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What the caller's cgroup forbids of devices, nobody makes or opens for it. The device is that of
/// fuse(4), which does nothing when it is opened.
@NeedsRoot
final class DeviceCgroupsTest {
  private static final String PROGRAM =
      """
      import os, stat
      def attempt(what, work):
          try:
              work()
              print(what, "done")
          except OSError as e:
              print(what, e.strerror)
      def make(name, major, minor):
          device = os.makedev(major, minor)
          attempt("make " + name, lambda: os.mknod(name, stat.S_IFCHR | 0o600, device))
      def open_(name, flags):
          attempt("open " + name, lambda: os.close(os.open(name, flags)))
      make("forbidden", 10, 229)
      make("allowed", 1, 11)
      make("null", 1, 3)
      open_("there", os.O_RDWR)
      open_("there", os.O_RDONLY)
      open_("there", os.O_WRONLY | os.O_NONBLOCK)
      open_("allowed", os.O_WRONLY)
      open_("null", os.O_RDWR)
      """;

  private static final List<String> FORBIDDEN =
      List.of(
          "make forbidden Operation not permitted",
          "make allowed done",
          "make null done",
          "open there Operation not permitted",
          "open there Operation not permitted",
          "open there Operation not permitted",
          "open allowed done",
          "open null done");

  @RegisterExtension final Sandbox sandbox = new Sandbox();

  @Test
  void aDeviceIsForbiddenToWhoHasOurIdentity() throws IOException {
    compareInVersion1(List.of());
  }

  @Test
  void aDeviceIsForbiddenToWhoHasAnotherIdentity() throws IOException {
    compareInVersion1(List.of("unshare", "--mount"));
  }

  private void compareInVersion1(List<String> prefix) throws IOException {
    try (var group = DeviceCgroup.of("c 1:* rwm", "c 5:* rwm", "c 136:* rwm")) {
      compare(prefix, command -> group.enteredBy(sandbox, command));
    }
  }

  /// Where nodes cannot be opened, too, and one of ours is mounted: nothing is left there.
  @Test
  void aContainerMakesNoneThatItsGroupForbids() throws IOException {
    try (var group = DeviceCgroup.of("c 1:* rwm", "c 5:* rwm", "c 136:* rwm")) {
      makeInContainer(command -> group.enteredBy(sandbox, command));
    }
  }

  @Test
  void aContainerMakesNoneThatAGroupOfVersion2Forbids() throws IOException {
    try (var group = Cgroup.make()) {
      forbid(group);
      makeInContainer(command -> group.enteredBy(sandbox, command));
    }
  }

  private void makeInContainer(UnaryOperator<Command> entering) {
    String script =
        """
        for place in /tmp /dev; do
          mknod $place/forbidden c 10 229; mknod $place/allowed c 1 11
          stat -c '%n %t:%T' $place/allowed; test ! -e $place/forbidden || echo $place/forbidden
        done
        """;
    String rule = "{on: [mknod, mknodat], emulate: {handler: device, devices: 'c 10:229, c 1:11'}}";
    Command command = sandbox.container("sh", "-c", script);
    Run run = entering.apply(command).under(sandbox.policy("- " + rule)).run();

    assertThat(run.lines()).containsExactly("/tmp/allowed 1:b", "/dev/allowed 1:b");
    assertThat(run.err())
        .contains(
            "mknod: /tmp/forbidden: Operation not permitted",
            "mknod: /dev/forbidden: Operation not permitted");
  }

  /// There, a group has programs that say so.
  @ParameterizedTest
  @ValueSource(strings = {"", "unshare --mount"})
  void aDeviceIsForbiddenByAGroupOfVersion2(String prefix) throws IOException {
    try (var group = Cgroup.make()) {
      forbid(group);
      compare(
          prefix.isEmpty() ? List.of() : List.of(prefix.split(" ")),
          command -> group.enteredBy(sandbox, command));
    }
  }

  private void forbid(Cgroup group) {
    var words = new ArrayList<>(Project.python("device_group"));
    words.add(group.toString());
    sandbox.command(words).run().mustSucceed();
  }

  /// Nobody but the child that makes the call enters it, and nobody stays there.
  private void compare(List<String> prefix, UnaryOperator<Command> entering) {
    Run natively = entering.apply(program(prefix)).run().mustSucceed();
    Run mediated =
        entering
            .apply(program(prefix))
            .under(
                sandbox.policy(
                    "- { on: '@open', when: path.under('/no'), deny: EACCES }",
                    "- { on: [mknod, mknodat], when: path.under('/no'), deny: EACCES }"))
            .run()
            .mustSucceed();
    Run outside = program(prefix).run().mustSucceed();

    assertThat(natively.lines()).isEqualTo(FORBIDDEN);
    assertThat(mediated.lines()).isEqualTo(FORBIDDEN);
    assertThat(outside.lines()).as("without the group").contains("open there done");
  }

  private Command program(List<String> prefix) {
    sandbox.shell("rm -f there forbidden allowed null; mknod there c 10 229").run().mustSucceed();
    sandbox.file("program.py", PROGRAM);
    var words = new ArrayList<>(prefix);
    words.addAll(List.of("python3", "-B", "program.py"));
    return sandbox.command(words);
  }
}
