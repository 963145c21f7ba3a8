package dev.sluice.tests.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.tests.harness.NeedsRoot;
import dev.sluice.tests.harness.Project;
import dev.sluice.tests.harness.Run;
import dev.sluice.tests.harness.Sandbox;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// `sluice policy check` and `sluice policy compile`.
final class PolicyCommandTest {
  @RegisterExtension final Sandbox sandbox = new Sandbox();

  @Test
  void theFilterIsWhatTheCheckCounted() {
    Path policy =
        sandbox.policy(
            "- {on: getppid, deny: ENOSYS}", "- {on: \"@open\", allow: , audit: always}");

    Run check = sandbox.sluice("policy", "check", policy.toString()).run().mustSucceed();
    Run compile = sandbox.sluice("policy", "compile", policy.toString()).run().mustSucceed();

    assertThat(check.out())
        .isEqualTo(
            "%s: 2 rules, a filter of %d instructions%n  rule 1: KERNEL%n  rule 2: REGISTERS%n"
                .formatted(policy, compile.lines().size()));
    assertThat(compile.lines())
        .allMatch(line -> line.matches("\\d{4}: (ld|and|j\\w+|ret) .+"))
        .anyMatch(line -> line.endsWith("ret errno ENOSYS"))
        .anyMatch(line -> line.endsWith("ret notify"))
        .anyMatch(line -> line.endsWith("ret allow"));
  }

  /// Nothing is unpacked where the programs are installed.
  @Test
  @NeedsRoot
  void nothingIsWrittenForACheck() {
    Path policy = sandbox.policy("- {on: getppid, deny: ENOSYS}");
    Path temporary = Path.of(System.getProperty("java.io.tmpdir"));
    String script = Project.SCRIPT.toString();
    Run run =
        sandbox
            .readOnly(temporary, List.of(script, "policy", "check", policy.toString()))
            .run()
            .mustSucceed();

    assertThat(run.out()).contains("rule 1: KERNEL");
  }

  @Test
  void aPolicyWithoutASupervisorIsSaidToBeOne() {
    Path policy = sandbox.policy("- {on: getppid, deny: ENOSYS}");

    assertThat(sandbox.sluice("policy", "check", policy.toString()).run().mustSucceed().out())
        .startsWith(policy + ": 1 rule, a filter of ")
        .endsWith(" instructions, no supervisor needed\n  rule 1: KERNEL\n");
  }

  @Test
  void whatIsStrangeIsAWarning() {
    Path policy = sandbox.policy("- {name: a, on: unlink, deny: EPERM}");
    String warning = policy + ":4:5: warning: 'a' leaves unlinkat, which can do the same\n";

    assertThat(sandbox.sluice("policy", "check", policy.toString()).run().mustSucceed().out())
        .startsWith(warning + policy + ": 1 rule, a filter of ");
    Run strict = sandbox.sluice("policy", "check", "--strict", policy.toString()).run();
    assertThat(strict.status()).isEqualTo(1);
    assertThat(strict.out()).startsWith(warning);
    assertThat(
            sandbox
                .sluice("policy", "check", policy.toString(), "--format", "json")
                .run()
                .mustSucceed()
                .out())
        .startsWith("{\"policies\":[{\"file\":\"" + policy + "\",\"usable\":true,")
        .endsWith("\"classes\":{\"KERNEL\":[\"unlink\"]}}]}]}\n");
  }

  @Test
  void severalPoliciesAreCheckedAtOnce() {
    Path right = sandbox.policy("- {name: a, on: dup, deny: EPERM}");
    Path wrong = sandbox.policy("- {name: a, on: dpu, deny: EPERM}");

    Run run = sandbox.sluice("policy", "check", right.toString(), wrong.toString()).run();

    assertThat(run.status()).isEqualTo(2);
    assertThat(run.out()).startsWith(right + ": 1 rule, ").endsWith("  a: KERNEL\n");
    assertThat(run.err())
        .isEqualTo(wrong + ":4:19: error: unknown system call 'dpu'; did you mean 'dup'?\n");
  }

  @Test
  void theFilterIsWrittenAsBytesAndAsC() {
    String policy = sandbox.policy("- {name: a, on: dup, deny: EPERM}").toString();
    int instructions =
        sandbox.sluice("policy", "compile", policy).run().mustSucceed().lines().size();

    sandbox
        .sluice("policy", "compile", policy, "--format", "bpf", "--output", "filter")
        .run()
        .mustSucceed();
    assertThat(sandbox.path("filter")).hasSize(8L * instructions);
    assertThat(sandbox.sluice("policy", "compile", policy, "--format=c").run().mustSucceed().out())
        .contains("struct sock_filter sluice_filter[] = {\n", "\t{ 0x06, 0, 0, 0x00050001 }, ");
    Run nowhere = sandbox.sluice("policy", "compile", policy, "--output", "/no/such/place").run();
    assertThat(nowhere.err())
        .isEqualTo(
            "sluice: --output: \"/no/such/place\" cannot be written: No such file or directory\n");
    assertThat(nowhere.status()).isEqualTo(2);
  }

  @Test
  void bytesAreNotWrittenToATerminal() {
    String policy = sandbox.policy("- {name: a, on: dup, deny: EPERM}").toString();
    String command = Project.SCRIPT + " policy compile --format bpf " + policy;

    Run run = sandbox.command("script", "-qec", command, "/dev/null").run();

    assertThat(run.out())
        .isEqualTo(
            "sluice: bpf is binary, and standard output is a terminal: give --output FILE\r\n");
    assertThat(run.status()).isEqualTo(2);
  }

  @Test
  void theKernelsTierIsWrittenAsAProfile() {
    String policy = sandbox.policy("- {name: a, on: dup, deny: EPERM}").toString();

    Run run = sandbox.sluice("policy", "compile", policy, "--format", "oci").run();
    String profile = run.out();

    assertThat(run.status()).isZero();
    assertThat(run.err()).startsWith(policy + ":1:1: warning: ");
    assertThat(profile).startsWith("{").contains("\"SCMP_ACT_ERRNO\"", "\"dup\"").endsWith("}\n");
    sandbox.file("profile.json", profile);
    assertThat(
            sandbox.sluice("policy", "diff", policy, "profile.json").run().out().lines().toList())
        .noneMatch(line -> line.contains("dup"));
  }

  /// What is in it, LXC says itself in `LxcTest`.
  @Test
  void theKernelsTierIsWrittenForLxc() throws IOException {
    sandbox.file(
        "web.yaml",
        """
        sluice: v1
        rules:
          - { on: dup, deny: EXDEV }
          - { on: [mkdir, mkdirat], when: 'path.glob("/x")', deny: EPERM }
        """);
    sandbox.file("kernel.yaml", "sluice: v1\nrules: [{ on: dup, deny: EXDEV }]\n");

    Run run = compile("web.yaml", "--output", "profile", "--lxc", "/l.sock").mustSucceed();
    assertThat(run.out())
        .isEqualTo(
            """
            lxc.seccomp.profile = %s
            lxc.seccomp.notify.proxy = unix:/l.sock
            lxc.seccomp.notify.cookie = web
            """
                .formatted(sandbox.path("profile")));
    assertThat(Files.readAllLines(sandbox.path("profile")))
        .startsWith("2", "allowlist errno 38")
        .contains("dup errno 18", "mkdir notify", "getpid allow", "execve allow", "setgroups allow")
        .noneMatch(line -> line.startsWith("io_uring_setup allow"));

    assertThat(compile("kernel.yaml").mustSucceed().lines()).contains("dup errno 18");
    assertThat(compile("kernel.yaml", "--output=profile").mustSucceed().out())
        .isEqualTo("lxc.seccomp.profile = %s\n".formatted(sandbox.path("profile")));
    Run other = sandbox.sluice("policy", "compile", "--lxc=/l.sock", "kernel.yaml").run();
    assertThat(other.err()).isEqualTo("sluice: --lxc is for --format lxc\n");
    assertThat(other.status()).isEqualTo(2);
  }

  private Run compile(String policy, String... options) {
    var words = new ArrayList<>(List.of("policy", "compile", "--format", "lxc", policy));
    words.addAll(List.of(options));
    return sandbox.sluice(words.toArray(String[]::new)).run();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{ on: \"@open\", when: 'path.glob(\"/x\")', deny: EPERM } | 3:5: error: a container of LXC"
            + " whose profile notifies openat never starts: LXC makes that call itself before it"
            + " serves any; for LXC, the policy must leave it to the kernel",
        "{ on: \"@exec\", deny: EPERM, audit: always } | 3:5: error: a container of LXC whose"
            + " profile notifies execve never starts: LXC makes that call itself before it serves"
            + " any; for LXC, the policy must leave it to the kernel",
        "{ on: mkdir, log: } | 1:1: error: a profile of LXC has allow, errno, trap, kill (of the"
            + " thread) and notify, and nothing for SCMP_ACT_LOG",
      })
  void whatLxcCannotServeIsRefused(String rule, String complaint) {
    sandbox.file("web.yaml", "sluice: v1\nrules:\n  - " + rule + "\n");

    Run run = compile("web.yaml", "--output", "profile");

    assertThat(run.err().lines()).contains("web.yaml:" + complaint);
    assertThat(run.status()).isEqualTo(2);
    assertThat(run.out()).isEmpty();
    assertThat(sandbox.path("profile")).doesNotExist();
  }

  @Test
  void policiesAreBroughtIntoForm() {
    Path policy =
        sandbox.file("p.yaml", "rules:\n- on:  dup\n  name: a\n  deny: EIO\nsluice: v1\n");
    sandbox.file("wrong.yaml", "sluice: [v1");

    Run check = sandbox.sluice("policy", "fmt", "--check", "p.yaml").run();
    assertThat(check.out()).isEqualTo("p.yaml\n");
    assertThat(check.status()).isEqualTo(1);
    sandbox.sluice("policy", "fmt", "p.yaml").run().mustSucceed();
    assertThat(policy).hasContent("sluice: v1\nrules:\n  - name: a\n    on: dup\n    deny: EIO\n");
    sandbox.sluice("policy", "fmt", "--check", "p.yaml").run().mustSucceed();
    Run wrong = sandbox.sluice("policy", "fmt", "wrong.yaml", "none.yaml").run();
    assertThat(wrong.status()).isEqualTo(2);
    assertThat(wrong.err())
        .startsWith("wrong.yaml:1:12: error: this is not YAML: ")
        .endsWith("none.yaml:1:1: error: there is no such file\n");
    assertThat(sandbox.path("wrong.yaml")).hasContent("sluice: [v1");
  }

  @Test
  void aFileIsBroughtIntoFormAsAWholeOrNotAtAll() throws IOException {
    String text = "rules:\n- on:  dup\n  deny: EIO\nsluice: v1\n";
    Path policy = sandbox.file("p.yaml", text);
    Files.setPosixFilePermissions(policy, PosixFilePermissions.fromString("rw-r-----"));
    Files.createSymbolicLink(sandbox.path("link.yaml"), Path.of("p.yaml"));

    Run full =
        sandbox
            .command(
                "sh",
                "-c",
                "ulimit -f 0; exec \"$0\" policy fmt link.yaml",
                Project.SCRIPT.toString())
            .run();
    assertThat(full.status()).isEqualTo(2);
    assertThat(full.err()).contains("sluice: \"link.yaml\" cannot be written: ");
    assertThat(policy).hasContent(text);

    sandbox.sluice("policy", "fmt", "link.yaml").run().mustSucceed();
    assertThat(policy).hasContent("sluice: v1\nrules:\n  - on: dup\n    deny: EIO\n");
    assertThat(Files.getPosixFilePermissions(policy))
        .isEqualTo(PosixFilePermissions.fromString("rw-r-----"));
    assertThat(sandbox.path("link.yaml")).isSymbolicLink();
    try (var files = Files.list(policy.getParent())) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .noneMatch(name -> name.endsWith(".new"));
    }
  }

  @Test
  void aFileWithTwoNamesKeepsBothAndItsTextIfThereIsNoRoom() throws IOException {
    Path policy = sandbox.file("p.yaml", "name: a\nsluice: v1\n");
    Files.createLink(sandbox.path("other.yaml"), policy);
    Run full =
        sandbox.shell("ulimit -f 0; exec " + Project.SCRIPT + " policy fmt other.yaml").run();
    assertThat(full.status()).isEqualTo(2);
    assertThat(full.err()).contains("sluice: \"other.yaml\" cannot be written: ");
    assertThat(policy).hasContent("name: a\nsluice: v1\n");

    sandbox.sluice("policy", "fmt", "other.yaml").run().mustSucceed();

    assertThat(policy).hasContent("sluice: v1\nname: a\n");
    assertThat(Files.isSameFile(policy, sandbox.path("other.yaml"))).isTrue();
  }

  /// As a single file in a container is.
  @Test
  @NeedsRoot
  void aFileThatIsMountedIsWrittenInto() {
    Path policy = sandbox.file("p.yaml", "name: a\nsluice: v1\n");
    sandbox.file("mounted.yaml", "");

    sandbox
        .command(
            "unshare",
            "--mount",
            "sh",
            "-c",
            "mount --bind p.yaml mounted.yaml && exec \"$0\" policy fmt mounted.yaml",
            Project.SCRIPT.toString())
        .run()
        .mustSucceed();

    assertThat(policy).hasContent("sluice: v1\nname: a\n");
  }

  @Test
  @NeedsRoot
  void whatMayNotBeWrittenIntoIsNotReplaced() throws IOException {
    Path policy = sandbox.file("p.yaml", "name: a\nsluice: v1\n");
    Files.setPosixFilePermissions(policy, PosixFilePermissions.fromString("r--r--r--"));
    Run run =
        sandbox
            .command(
                "setpriv",
                "--bounding-set=-all", // else root writes wherever it likes
                Project.SCRIPT.toString(),
                "policy",
                "fmt",
                "p.yaml")
            .run();

    assertThat(run.err()).isEqualTo("sluice: \"p.yaml\" cannot be written: Permission denied\n");
    assertThat(run.status()).isEqualTo(2);
    assertThat(policy).hasContent("name: a\nsluice: v1\n");
  }

  @Test
  void whatComesThroughAPipeIsPrintedInItsForm() {
    String fmt = "printf 'name: a\\nsluice: v1\\n' | " + Project.SCRIPT + " policy fmt /dev/stdin";

    assertThat(sandbox.shell(fmt).run().mustSucceed().out()).isEqualTo("sluice: v1\nname: a\n");
    Run check = sandbox.shell(fmt + " --check").run();
    assertThat(check.out()).isEqualTo("/dev/stdin\n");
    assertThat(check.status()).isEqualTo(1);
    assertThat(sandbox.shell(fmt + " | " + Project.SCRIPT + " policy fmt /dev/stdin").run().out())
        .isEqualTo("sluice: v1\nname: a\n");
  }

  @Test
  void theSchemaIsPrinted() {
    assertThat(sandbox.sluice("policy", "schema").run().mustSucceed().out())
        .startsWith("{\n  \"$schema\": \"https://json-schema.org/draft/2020-12/schema\",\n")
        .contains("\"@open\"", "\"openat2\"", "\"EACCES\"")
        .endsWith("}\n");
  }

  @Test
  void policiesAreComparedAsDiffDoes() {
    String old = sandbox.policy("- {name: a, on: dup, deny: EPERM}").toString();
    String other = sandbox.policy("- {name: a, on: dup, deny: EIO}").toString();

    assertThat(sandbox.sluice("policy", "diff", old, old).run().mustSucceed().out()).isEmpty();
    Run run = sandbox.sluice("policy", "diff", old, other).run();
    assertThat(run.status()).isEqualTo(1);
    assertThat(run.out())
        .isEqualTo(
            """
            x86_64: dup:
              was: deny EPERM by 'a' (%s:4:5)
              now: deny EIO by 'a' (%s:4:5)
              as in: dup()
            """
                .formatted(old, other));
    assertThat(sandbox.sluice("policy", "diff", old, "none.yaml").run().status()).isEqualTo(2);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "policy | sluice: missing required subcommand; see 'sluice policy --help'",
        "policy check | sluice: missing required parameter: 'FILE'; see 'sluice policy check"
            + " --help'",
        "policy compile none.yaml | none.yaml:1:1: error: there is no such file",
      })
  void whatIsMissingIsNamed(String words, String line) {
    Run run = sandbox.sluice(words.split(" ")).run();

    assertThat(run.err()).isEqualTo(line + "\n");
    assertThat(run.status()).isEqualTo(2);
    assertThat(run.out()).isEmpty();
  }
}
