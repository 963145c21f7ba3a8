package dev.sluice.tests.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.tests.harness.Entry;
import dev.sluice.tests.harness.Project;
import dev.sluice.tests.harness.Run;
import dev.sluice.tests.harness.Running;
import dev.sluice.tests.harness.Sandbox;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// What `sluice run --audit` writes, and what `sluice log` and `sluice replay` make of it.
final class AuditLogTest {
  @RegisterExtension final Sandbox sandbox = new Sandbox();

  private Path everyOpen() {
    return sandbox.policy(
        """
        - name: secrets
          on: "@open"
          when: path.under("%s/secret")
          deny: EACCES
        """
            .formatted(sandbox.directory()),
        "- { name: opens, on: \"@open\", allow: , audit: exact }");
  }

  private Run run() {
    sandbox.file("secret/key", "k");
    sandbox.file("open", "text");
    return sandbox.command("cat", "open", "secret/key").under(everyOpen()).run();
  }

  private Run log(Run of, String... words) {
    var all = new ArrayList<>(List.of("log"));
    all.addAll(List.of(words));
    all.add(of.audit().orElseThrow().toString());
    return sandbox.sluice(all.toArray(String[]::new)).run();
  }

  @Test
  void aRecordHasTheCallDecodedAndWhoMadeItAndTheRuleThatWouldAllowIt() {
    Entry denied = run().recordsOf("secrets").getFirst();
    String key = sandbox.path("secret/key").toString();
    assertThat(denied.texts("comm", "syscall", "path", "errno", "policy", "epoch"))
        .isEqualTo("cat openat " + key + " EACCES test 1");
    assertThat(denied.text("arguments"))
        .isEqualTo("{dirfd=AT_FDCWD, pathname=secret/key, flags=O_RDONLY}");
    assertThat(denied.text("exe")).endsWith("/cat");
    assertThat(denied.text("digest")).hasSize(64);
    assertThat(denied.text("allow"))
        .isEqualTo(
            "- { name: 'allow-openat-key', on: \"@open\", when: 'path == \""
                + key
                + "\" && !access.write', allow: }");
  }

  @Test
  void aLogIsWholeAndIsNotOnceALineIsChanged() throws IOException {
    Run run = run();
    sandbox.awaitNoProcess();
    assertThat(log(run, "verify").status()).isZero();

    Path file = run.audit().orElseThrow();
    Files.writeString(file, Files.readString(file).replace("\"errno\":\"EACCES\"", "\"value\":3"));
    Run verify = log(run, "verify");
    assertThat(verify.status()).isEqualTo(1);
    assertThat(verify.out()).contains("was changed, moved or cut");
  }

  @Test
  void aSupervisorThatIsKilledLeavesALogWithoutAnEnd() {
    Running running =
        sandbox.shell("while cat /etc/hostname; do :; done >/dev/null").under(everyOpen()).start();
    Path audit = running.audit().orElseThrow();
    running.await("records", () -> audit.toFile().length() > 200_000);
    long supervisor =
        ProcessHandle.of(running.pid()).orElseThrow().children().findFirst().orElseThrow().pid();
    Running.signal("KILL", supervisor);
    sandbox.awaitNoProcess();

    Run verify = sandbox.sluice("log", "verify", audit.toString()).run();
    assertThat(verify.status()).isEqualTo(1);
    assertThat(verify.out())
        .contains("ends here without a closing record")
        .doesNotContain("was changed")
        .doesNotContain("are missing");
  }

  @Test
  void aLogIsShownFilteredAndSummedUp() {
    Run run = run();
    Run table = log(run, "--where", "path.under(\"" + sandbox.directory() + "\")");
    assertThat(table.mustSucceed().lines()).hasSize(2);
    assertThat(table.lines().getFirst())
        .contains("openat(AT_FDCWD, \"open\", O_RDONLY) = 3  allow by 'opens'");
    assertThat(table.lines().getLast())
        .contains("openat(AT_FDCWD, \"secret/key\", O_RDONLY) = -1 EACCES  deny by 'secrets'");

    assertThat(log(run, "--action", "deny", "--format", "json").mustSucceed().lines())
        .hasSize(1)
        .first()
        .asString()
        .contains("\"rule\":\"secrets\"");
    assertThat(log(run, "--until", "1h").mustSucceed().lines()).isEmpty();
    assertThat(log(run, "summary").mustSucceed().out())
        .contains("1  openat deny refused")
        .contains("- { name: 'allow-openat-key'");
    assertThat(log(run, "export").mustSucceed().out())
        .startsWith("session,seq,time,")
        .contains(",deny,refused,EACCES,");
    assertThat(log(run, "export", "--format", "ocsf", "--action", "deny").mustSucceed().lines())
        .singleElement()
        .asString()
        .startsWith("{\"category_uid\":1,\"class_uid\":1001,\"activity_id\":2,")
        .contains("\"status_code\":\"EACCES\"");
  }

  /// Whoever wrote it was killed, and another has gone on.
  @Test
  void aLineThatIsTornKeepsNobodyFromTheRest() throws IOException {
    Run run = run();
    sandbox.awaitNoProcess();
    Path file = run.audit().orElseThrow();
    Run whole = log(run);
    var lines = new ArrayList<>(Files.readAllLines(file));
    lines.add(2, lines.get(2).substring(0, 100));
    Files.write(file, lines);
    String torn = "sluice: " + file + ":3: this is no line of an audit log: ";
    String policy = sandbox.path("policy-1.yaml").toString();

    assertThat(log(run).out()).isEqualTo(whole.out());
    for (Run each :
        List.of(
            log(run),
            log(run, "summary"),
            log(run, "export"),
            log(run, "export", "--format", "ocsf"),
            replay(run, Path.of(policy)),
            sandbox
                .sluice("learn", "-o", "l.yaml", "--from", file.toString(), "--", "true")
                .run())) {
      assertThat(each.status()).as(each.toString()).isZero();
      assertThat(each.err().lines()).as(each.toString()).anyMatch(line -> line.startsWith(torn));
    }
    assertThat(log(run, "verify").status()).isEqualTo(1);
  }

  @Test
  void aFileWithoutALineOfALogIsNone() {
    Path file = sandbox.file("text", "a\nb\n");
    Run run = sandbox.sluice("log", file.toString()).run();
    assertThat(run.status()).isEqualTo(2);
    assertThat(run.err().lines())
        .singleElement()
        .asString()
        .startsWith("sluice: " + file + ":1: this is no line of an audit log: ");
  }

  @Test
  void whoReadsNoFurtherIsToldNothing() {
    Run run = run();
    Run piped =
        sandbox
            .command(
                "sh",
                "-c",
                "mkfifo go; { read -r go <go; \"$0\" log \"$1\"; echo $? >status; }"
                    + " | { exec <&-; echo >go; }; cat status",
                Project.SCRIPT.toString(),
                run.audit().orElseThrow().toString())
            .run();
    assertThat(piped.mustSucceed().out()).isEqualTo("141\n");
  }

  @Test
  void aNameThatNoJvmCanHaveNamesNoOtherFile() throws IOException {
    Path directory = sandbox.directory("empty");
    Run run =
        sandbox
            .command(
                "sh",
                "-c",
                "\"$0\" run --audit \"$(printf 'bad\\377')\" -- true",
                Project.SCRIPT.toString())
            .in(directory)
            .run();
    assertThat(run.status()).isEqualTo(2);
    assertThat(run.err()).isEqualTo("sluice: --audit: \"bad\uFFFD\": this name is not UTF-8\n");
    try (var files = Files.list(directory)) {
      assertThat(files).isEmpty();
    }
  }

  /// What is shown is what is written meanwhile, over the ends of the files it is written to.
  @Test
  void aLogIsFollowedWhileItIsWritten() throws IOException {
    Path log = sandbox.file("followed.jsonl", "");
    Running follower = sandbox.sluice("log", "--follow", "--rule", "opens", log.toString()).start();
    // who opens the log only when another file has taken its place begins with that one
    sandbox.command("cat", "begun").under(everyOpen()).option("--audit", log.toString()).run();
    follower.awaitOutput("\"begun\"");
    for (int run = 1; run <= 2; run++) {
      sandbox
          .shell(
              "for i in 1 2 3 4 5 6 7 8 9 10 11 12; do cat /dev/null /dev/null; done; cat run"
                  + run)
          .under(everyOpen())
          .option("--audit", log.toString(), "--audit-limit", "20K")
          .run();
      follower.awaitOutput("\"run" + run + "\"");
    }
    assertThat(sandbox.path("followed.jsonl.000002")).exists();
    assertThat(follower.out().lines().filter(line -> line.contains("\"/dev/null\"")))
        .hasSize(2 * 24);
  }

  @Test
  void aConditionThatMakesNoSenseIsRefused() {
    Run run = log(run(), "--where", "path.undr(\"/etc\")");
    assertThat(run.status()).isEqualTo(2);
    assertThat(run.err()).startsWith("--where:1:");
  }

  @Test
  void theSuggestedRuleAllowsWhatWasDenied() throws IOException {
    Run run = run();
    String rule = run.recordsOf("secrets").getFirst().text("allow");
    Path policy = sandbox.path("policy-1.yaml");
    Path next = sandbox.file("next.yaml", "");
    Files.writeString(
        next, Files.readString(policy).replaceFirst("rules:\n", "rules:\n  " + rule + "\n"));
    assertThat(sandbox.command("cat", "secret/key").under(next).run().mustSucceed().out())
        .isEqualTo("k");

    Run replay = replay(run, next);
    assertThat(replay.status()).isEqualTo(1);
    assertThat(replay.out())
        .contains("was deny EACCES by 'secrets', now allow by 'allow-openat-key'")
        .contains(" the same, 1 changed");
    assertThat(replay(run, policy).mustSucceed().out()).contains(" the same, 0 changed");
  }

  private Run replay(Run run, Path policy) {
    return sandbox
        .sluice("replay", run.audit().orElseThrow().toString(), "--policy", policy.toString())
        .run();
  }

  /// A name that would forge a line, talk to the terminal, or is no UTF-8.
  @Test
  void noNameCanPretendToBeAnotherLine() throws IOException {
    Run run =
        sandbox
            .command("sh", "-c", "cat \"$(printf 'a\\n\\033[2Jb\\377c')\"; true")
            .under(everyOpen())
            .run();
    Run table = log(run, "--where", "path.under(\"" + sandbox.directory() + "\")");
    assertThat(table.mustSucceed().lines())
        .singleElement()
        .asString()
        .contains("\"a\\n\\x1b[2Jb\\xffc\"");
    assertThat(run.records().stream().filter(entry -> entry.has("path_hex")).findFirst())
        .get()
        .extracting(entry -> entry.text("path_hex"))
        .asString()
        .endsWith("610a1b5b324a62ff63");
  }

  @Test
  void aFullDeviceIsReportedAndEndsNothing() {
    Run run =
        sandbox
            .sluice(
                "run",
                "--policy",
                Project.policy("audit-open").toString(),
                "--audit",
                "/dev/full",
                "--",
                "sh",
                "-c",
                "cat /etc/hostname >/dev/null; echo done")
            .run();
    assertThat(run.out()).isEqualTo("done\n");
    assertThat(run.status()).isZero();
    assertThat(run.err()).contains("records cannot be written: No space left on device");
  }
}
