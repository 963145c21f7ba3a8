package dev.sluice.tests.container;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.tests.harness.Command;
import dev.sluice.tests.harness.NeedsRoot;
import dev.sluice.tests.harness.Project;
import dev.sluice.tests.harness.Run;
import dev.sluice.tests.harness.Sandbox;
import dev.sluice.tests.harness.User;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Attributes (C50) and scheduling (C53) in an unprivileged container. The cases are in
/// `src/test/c/attributes.c`.
@NeedsRoot
final class AttributesTest {
  private static final String EXPECTED =
      """
      C50 get what is not there ENODATA
      C50 set 0
      C50 dir has 'y', is listed with trusted.overlay.opaque
      C50 create again EEXIST
      C50 replace 0
      C50 its size 3
      C50 too little room ERANGE
      C50 too little room for the list ERANGE
      C50 the size of the list 23
      C50 wrong flags EINVAL
      C50 no value EFAULT
      C50 a value that is too long E2BIG
      C50 set by a user EPERM
      C50 get by a user ENODATA
      C50 dir has ENODATA, is listed with
      C50 set in a user namespace below EPERM
      C50 remove 0
      C50 dir has ENODATA, is listed with
      C50 set by a descriptor 0
      C50 dir has 'y', is listed with trusted.overlay.opaque
      C50 get by a descriptor 1
      C50 list by a descriptor 23
      C50 remove by a descriptor 0
      C50 remove what is not there ENODATA
      C50 by no descriptor EBADF
      C50 by standard input EPERM
      C50 set through a link 0
      C50 set on a link 0
      C50 link has 'y', is listed with trusted.overlay.opaque
      C50 remove from a link 0
      C50 another trusted one EPERM
      C50 an ordinary one 0
      C50 dir has 'y', is listed with user.one trusted.overlay.opaque
      C50 what is not the container's EROFS
      C53 FIFO 5 0
      C53 is 1
      C53 its parameter 0
      C53 by its number 0
      C53 beyond what is permitted EPERM
      C53 no priority EINVAL
      C53 back 0
      C53 a wrong priority EINVAL
      C53 no policy EINVAL
      C53 an unknown policy EINVAL
      C53 no pid EINVAL
      C53 nobody ESRCH
      C53 NULL EINVAL
      C53 no memory EFAULT
      C53 a user OTHER 0
      C53 a user its parameter 0
      C53 a user BATCH 0
      C53 a user IDLE 0
      C53 a user DEADLINE EINVAL
      C53 a user FIFO 1 EPERM
      C53 without CAP_SYS_NICE OTHER 0
      C53 without CAP_SYS_NICE its parameter 0
      C53 without CAP_SYS_NICE BATCH 0
      C53 without CAP_SYS_NICE IDLE 0
      C53 without CAP_SYS_NICE DEADLINE EINVAL
      C53 without CAP_SYS_NICE FIFO 1 EPERM
      C53 the init of a pid namespace 0
      C53 itself 0
      C53 is 1, 1
      """;

  @RegisterExtension final Sandbox sandbox = new Sandbox();

  @Test
  void rootOfAContainerMayDoWhatThePolicySays() {
    String rules =
        """
        - on: [setxattr, lsetxattr, fsetxattr, getxattr, lgetxattr, fgetxattr, removexattr, lremovexattr,
            fremovexattr, listxattr, llistxattr, flistxattr]
          emulate: trusted-xattr
        - on: [sched_setscheduler, sched_setparam]
          emulate: { handler: scheduler, priority: 10 }
        """;
    Run run =
        sandbox
            .container(Project.program("attributes"))
            .under(sandbox.policy(rules))
            .run()
            .mustSucceed();

    assertThat(run.out()).isEqualTo(EXPECTED);
  }

  @Test
  void nativelyItMayNot() {
    Run run = sandbox.container(Project.program("attributes")).run().mustSucceed();

    assertThat(run.lines())
        .contains("C50 set EPERM", "C50 set by a descriptor EPERM", "C53 FIFO 5 EPERM")
        .containsAll(
            EXPECTED
                .lines()
                .filter(line -> line.matches("C53 (a user|without CAP_SYS_NICE) .*"))
                .toList());
  }

  @Test
  void outsideOfContainersTheKernelDecidesOnPolicies() {
    String program =
        """
        import os
        for policy in (os.SCHED_OTHER, os.SCHED_BATCH, os.SCHED_FIFO, os.SCHED_IDLE):
            try:
                priority = 5 if policy == os.SCHED_FIFO else 0
                os.sched_setscheduler(0, policy, os.sched_param(priority))
                print(policy, os.sched_getscheduler(0))
            except OSError as e:
                print(policy, e.strerror)
        """;
    String rule = "- {on: [sched_setscheduler, sched_setparam], emulate: scheduler}";
    for (User user : List.of(new User(0, 0, List.of()), User.ORDINARY)) {
      Command natively = sandbox.command("/usr/bin/python3", "-c", program).as(user);
      Command mediated = sandbox.command("/usr/bin/python3", "-c", program).as(user);

      assertThat(mediated.under(sandbox.policy(rule)).run().mustSucceed().lines())
          .isEqualTo(natively.run().mustSucceed().lines())
          .contains("3 3");
    }
  }

  /// The quota of its cgroup would not hold it then.
  @Test
  void noPolicyThatIsShippedGivesItRealTime() {
    Run run =
        sandbox
            .container(Project.program("attributes"))
            .under(Project.policy("unprivileged-container"))
            .run()
            .mustSucceed();

    assertThat(run.lines()).contains("C50 set 0", "C53 FIFO 5 EPERM");
  }

  /// The kernel converts what a container's root says of capabilities, as it does natively.
  @Test
  void capabilitiesOfFilesHaveTheRootOfTheContainer() {
    String script =
        "cp /usr/bin/true program && setcap cap_net_raw+ep program && getcap -n program";
    Run run =
        sandbox
            .container("sh", "-c", script)
            .under(Project.policy("unprivileged-container"))
            .run()
            .mustSucceed();

    assertThat(run.out()).isEqualTo("program cap_net_raw=ep\n");
  }

  @Test
  void optionsThatAreNoneAreRefused() {
    assertThat(check("setxattr", "trusted-xattr, names: user.one").err())
        .contains("'names' takes a list such as 'trusted.overlay.opaque', not 'user.one'");
    assertThat(check("sched_setscheduler", "scheduler, priority: high").err())
        .contains("'priority' takes a number from 0 to 99, not 'high'");
  }

  private Run check(String call, String handler) {
    String rule = "- {on: %s, emulate: {handler: %s}}".formatted(call, handler);
    Run run =
        sandbox
            .command(Project.SCRIPT.toString(), "policy", "check", sandbox.policy(rule).toString())
            .run();
    assertThat(run.status()).isEqualTo(2);
    return run;
  }

  /// C51: to the very object, however it is named, and to no other.
  @Test
  void thatAnOwnerChangesIsPretendedOfOneObjectOnly() {
    sandbox.shell("mkdir d; touch d/one d/other; ln -s one d/link; chmod 777 d").run();
    String rules =
        """
        - { on: [chown, lchown, fchownat], when: "path == '%s'", return: 0 }
        """
            .formatted(sandbox.path("d/one"));
    String program =
        """
        import ctypes, os
        libc = ctypes.CDLL(None, use_errno=True)
        d, one, other = (os.open(name, os.O_RDONLY) for name in ("d", "d/one", "d/other"))
        EMPTY, NOFOLLOW = 0x1000, 0x100
        def say(what, dirfd, path, flags=0):
            result = libc.fchownat(dirfd, path, 0, 0, flags)
            print(what, os.strerror(ctypes.get_errno()) if result else "pretended")
        for name in ("one", "link", "other"):
            say(name, d, name.encode())
        say("link itself", d, b"link", NOFOLLOW)
        say("..", d, b"../d/one")
        say("descriptor", one, b"", EMPTY)
        say("descriptor of another", other, b"", EMPTY)
        """;
    Run run =
        sandbox
            .command("/usr/bin/python3", "-c", program)
            .as(User.ORDINARY)
            .under(sandbox.policy(rules))
            .run()
            .mustSucceed();

    assertThat(run.lines())
        .containsExactly(
            "one pretended",
            "link pretended",
            "other Operation not permitted",
            "link itself Operation not permitted",
            ".. pretended",
            "descriptor pretended",
            "descriptor of another Operation not permitted");
    assertThat(sandbox.shell("stat -c %u d/one").run().lines())
        .as("nothing has changed")
        .containsExactly("0");
  }
}
