package dev.sluice.tests.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.tests.harness.Command;
import dev.sluice.tests.harness.NeedsRoot;
import dev.sluice.tests.harness.Run;
import dev.sluice.tests.harness.Running;
import dev.sluice.tests.harness.Sandbox;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// `sluice learn`: the policy lets the same command pass, and no other.
final class LearnTest {
  private static final String NGINX = "/usr/sbin/nginx";

  @RegisterExtension final Sandbox sandbox = new Sandbox();

  @BeforeEach
  void makeFiles() {
    sandbox.file("home/.ssh/id_ed25519", "a private key");
    sandbox.file(
        "work/hello.c", "#include <stdio.h>\nint main(void) { puts(\"hello\"); return 0; }\n");
    sandbox.file(
        "work/script.py",
        """
        import json, sys
        print(json.dumps({"n": 1}))
        for name in sys.argv[1:]: print(open(name).read())
        """);
  }

  private Command in(Command command) {
    return command.in(sandbox.path("work")).environment("HOME", sandbox.path("home").toString());
  }

  private Path learn(String... words) {
    Path policy = sandbox.path("learned.yaml");
    var all = new ArrayList<>(List.of("learn", "-o", policy.toString(), "--"));
    all.addAll(List.of(words));
    assertThat(in(sandbox.sluice(all.toArray(String[]::new))).run().status()).isZero();
    in(sandbox.sluice("policy", "test", policy.toString())).run().mustSucceed();
    return policy;
  }

  private Run under(Path policy, String... words) {
    return in(sandbox.command(words).under(policy)).run();
  }

  @Test
  void aCompilerCompilesAndReadsNoKeys() {
    Path policy = learn("gcc", "hello.c");
    under(policy, "gcc", "hello.c").mustSucceed();
    Run other =
        under(
            policy, "gcc", "-include", sandbox.path("home/.ssh/id_ed25519").toString(), "hello.c");
    assertThat(other.status()).isNotZero();
    assertThat(other.err()).contains("Permission denied");
  }

  @Test
  void aScriptRunsAndReadsNoKeysAndTalksToNobody() {
    Path policy = learn("/usr/bin/python3", "-B", "script.py");
    assertThat(under(policy, "/usr/bin/python3", "-B", "script.py").mustSucceed().out())
        .isEqualTo("{\"n\": 1}\n");
    String key = sandbox.path("home/.ssh/id_ed25519").toString();
    Run reading = under(policy, "/usr/bin/python3", "-B", "script.py", key);
    assertThat(reading.status()).isNotZero();
    assertThat(reading.err()).contains("PermissionError");
    Run connecting =
        under(
            policy,
            "/usr/bin/python3",
            "-B",
            "-c",
            "import socket; socket.create_connection(('127.0.0.1', 9))");
    assertThat(connecting.err()).contains("PermissionError");
  }

  @Test
  void aStatusIsShownAndNoOtherProgramIsExecuted() {
    in(sandbox.command("git", "init", "-q")).run().mustSucceed();
    Path policy = learn("git", "status");
    assertThat(under(policy, "git", "status").mustSucceed().out()).contains("hello.c");
    Run other = under(policy, "git", "-c", "alias.other=!date", "other");
    assertThat(other.status()).isNotZero();
    assertThat(other.out()).isEmpty();
  }

  @Test
  void nothingIsRunForAPolicyThatCannotBeWritten() {
    Run run = in(sandbox.sluice("learn", "-o", "missing/x.yaml", "--", "touch", "made")).run();
    assertThat(run.status()).isEqualTo(2);
    assertThat(run.err())
        .isEqualTo(
            "sluice: --output: \"missing/x.yaml\" cannot be written: No such file or directory\n");
    assertThat(sandbox.path("work/made")).doesNotExist();
  }

  /// Where paths decide, a guard would close it.
  @Test
  @NeedsRoot
  void whatShowsADirectoryElsewhereDoesSoAgain() {
    sandbox.file("work/from/file", "a text\n");
    sandbox.directory("work/to");
    String[] command = {"unshare", "--mount", "sh", "-c", "mount --bind from to && cat to/file"};
    Path policy = learn(command);
    assertThat(under(policy, command).mustSucceed().out()).isEqualTo("a text\n");
  }

  @Test
  void aServerServesItsFilesAndNoOthers() {
    assumeTrue(Files.isExecutable(Path.of(NGINX)), "nginx is not installed");
    sandbox.file("work/www/index.html", "hello\n");
    sandbox.file(
        "work/nginx.conf",
        """
        daemon off;
        error_log stderr;
        pid nginx.pid;
        events {}
        http {
          access_log off;
          client_body_temp_path body;
          proxy_temp_path proxy;
          fastcgi_temp_path fastcgi;
          uwsgi_temp_path uwsgi;
          scgi_temp_path scgi;
          server { listen unix:nginx.sock; root www; }
        }
        """);
    String[] nginx = {NGINX, "-p", sandbox.path("work").toString(), "-c", "nginx.conf"};
    Path policy = sandbox.path("learned.yaml");
    var learning = new ArrayList<>(List.of("learn", "-o", policy.toString(), "--"));
    learning.addAll(List.of(nginx));
    try (Running server = in(sandbox.sluice(learning.toArray(String[]::new))).start()) {
      assertThat(served(server, "")).isEqualTo("hello\n");
      stop(server);
    }
    sandbox.shell("ln -s ../../home/.ssh/id_ed25519 work/www/key").run().mustSucceed();

    try (Running server = in(sandbox.command(nginx).under(policy)).start()) {
      assertThat(served(server, "")).isEqualTo("hello\n");
      assertThat(served(server, "key")).contains("403 Forbidden");
      stop(server);
    }
    try (Running server = in(sandbox.command(nginx)).start()) {
      assertThat(served(server, "key")).isEqualTo("a private key");
      stop(server);
    }
  }

  private String served(Running server, String name) {
    Path socket = sandbox.path("work/nginx.sock");
    server.await("nginx", () -> Files.exists(sandbox.path("work/nginx.pid")));
    return sandbox
        .command("curl", "-s", "--unix-socket", socket.toString(), "http://nginx/" + name)
        .run()
        .mustSucceed()
        .out();
  }

  private void stop(Running server) {
    sandbox.shell("kill -QUIT $(cat work/nginx.pid)").run().mustSucceed();
    assertThat(server.awaitStatus()).as(server.err()).isZero();
  }

  /// What a command needs beside a policy is added to it.
  private Run update(Path policy, String... command) {
    var words = new ArrayList<>(List.of("learn", "--update", policy.toString(), "-o"));
    words.addAll(List.of(policy.toString(), "--"));
    words.addAll(List.of(command));
    return in(sandbox.sluice(words.toArray(String[]::new))).run();
  }

  @Test
  void whatAPolicyLacksIsAddedToIt() throws IOException {
    Path policy = learn("sh", "-c", "read -r line <script.py");
    Path hosts = sandbox.file("etc/hosts", "a host\n");
    String[] more = {"sh", "-c", "read -r line <" + hosts + "; echo $line"};
    assertThat(under(policy, more).err()).contains("Permission denied");

    Run update = update(policy, more);
    assertThat(update.out()).isEqualTo("a host\n");
    assertThat(update.err())
        .contains("not granted: openat(AT_FDCWD, \"" + hosts + "\"")
        .contains("denied by 'no-other-file'");
    assertThat(under(policy, more).mustSucceed().out()).isEqualTo("a host\n");
    String key = sandbox.path("home/.ssh/id_ed25519").toString();
    assertThat(under(policy, "sh", "-c", "read -r line <" + key).err())
        .contains("Permission denied");
    assertThat(Files.readString(policy)).contains("reads-before-no-other-file");
    in(sandbox.sluice("policy", "test", policy.toString())).run().mustSucceed();
  }

  @Test
  void whatRunsForeverIsEndedOnceThereIsNothingNew() {
    Path policy = sandbox.path("stable.yaml");
    Run run =
        in(sandbox.sluice(
                "learn",
                "--stop-when-stable",
                "10s",
                "-o",
                policy.toString(),
                "--",
                "sh",
                "-c",
                "while read -r line <script.py; do sleep 0.1; done"))
            .run();
    assertThat(run.status()).isEqualTo(128 + 15);
    assertThat(run.err()).contains("there was nothing new for 10 seconds: the command is ended");
    under(policy, "sh", "-c", "read -r line <script.py; exec sleep 0").mustSucceed();
  }

  @Test
  void aDirectoryThatWasOnlyListedStaysClosed() {
    String ssh = sandbox.path("home/.ssh").toString();
    String[] listing = {"sh", "-c", "ls " + ssh};
    Path policy = learn(listing);
    assertThat(under(policy, listing).mustSucceed().out()).isEqualTo("id_ed25519\n");
    assertThat(under(policy, "sh", "-c", "read -r line <" + ssh + "/id_ed25519").err())
        .contains("Permission denied");
    assertThat(sandbox.path("learned.test.yaml")).content().contains("keys are not read");
  }

  @Test
  void withoutAHomeNothingLiesInIt() {
    Path policy = sandbox.path("my #1.yaml");
    String[] words = {
      "learn", "-o", policy.toString(), "--", "/usr/bin/python3", "-B", "script.py"
    };
    assertThat(in(sandbox.sluice(words)).environment("HOME", "").run().status()).isZero();
    in(sandbox.sluice("policy", "test", policy.toString())).run().mustSucceed();
    in(sandbox.command("/usr/bin/python3", "-B", "script.py").under(policy))
        .environment("HOME", "")
        .run()
        .mustSucceed();
  }

  @Test
  void whoCannotWriteThePolicySaysSo() {
    sandbox.directory("work/out");
    Run run = in(sandbox.sluice("learn", "-o", "out/x.yaml", "--", "rm", "-r", "out")).run();
    assertThat(run.status()).isEqualTo(125);
    assertThat(run.err()).contains("\"out/x.yaml\" cannot be written: No such file or directory");
  }

  @Test
  void nothingIsRunForAPolicyThatNothingCanBeAddedTo() {
    Path policy =
        sandbox.file(
            "flow.yaml",
            """
            sluice: v1
            rules: [ { name: no, on: "@open", when: 'path == "/x"', deny: EACCES } ]
            """);
    Run run =
        in(sandbox.sluice(
                "learn", "--update", policy.toString(), "-o", "x.yaml", "--", "touch", "made"))
            .run();
    assertThat(run.status()).isEqualTo(2);
    assertThat(run.err())
        .isEqualTo(
            "sluice: --update: "
                + policy
                + ":2:10: no rule can be put in front of this one: begin it on a line of its own,"
                + " with '- '\n");
    assertThat(sandbox.path("work/made")).doesNotExist();
  }

  @Test
  void whatIsEndedInThousandsOfYearsIsNotEnded() {
    Run run =
        in(sandbox.sluice(
                "learn", "--stop-when-stable", "999999d", "-o", "x.yaml", "--", "cat", "hello.c"))
            .run();
    assertThat(run.status()).isZero();
    assertThat(run.err())
        .isEqualTo("sluice: the policy is in x.yaml; look through it before you use it\n");
  }

  @Test
  void whereOnlySomeMayBeLookedAtAnotherIsAdded() {
    Path policy =
        sandbox.file(
            "stat.yaml",
            """
            sluice: v1
            rules:
              - { name: some, on: "@stat", when: 'path.under("/usr") || path.under("/proc")', allow: }
              - { name: no-other, on: "@stat", when: 'path.under("/")', deny: EACCES }
            """);
    Path file = sandbox.file("etc/file", "a text\n");
    Path other = sandbox.file("etc/other", "another text\n");
    String[] stat = {"stat", "-c", "%s", file.toString()};
    assertThat(under(policy, stat).err()).contains("Permission denied");
    assertThat(update(policy, stat).status()).isZero();
    assertThat(under(policy, stat).mustSucceed().out()).isEqualTo("7\n");
    assertThat(under(policy, "stat", "-c", "%s", other.toString()).err())
        .contains("Permission denied");
  }

  @Test
  void whoTalksToAPortOfItsOwnAndToNamesOfItsOwnDoesSoAgain() {
    sandbox.file(
        "work/talk.py",
        """
        import os, socket
        unnamed = socket.socket(socket.AF_UNIX)
        unnamed.bind("")
        named = socket.socket(socket.AF_UNIX)
        named.bind("\\0" + os.getcwd()[-60:] + "\\0x")
        own = socket.socket()
        own.bind(("127.0.0.1", 0))
        own.listen()
        socket.create_connection(own.getsockname())
        """);
    Path policy = learn("/usr/bin/python3", "-B", "talk.py");
    under(policy, "/usr/bin/python3", "-B", "talk.py").mustSucceed();
    assertThat(
            under(
                    policy,
                    "/usr/bin/python3",
                    "-B",
                    "-c",
                    "import socket; socket.socket(socket.AF_UNIX).connect('/run/made-up')")
                .err())
        .contains("PermissionError");
  }

  @Test
  void whatALogSaysWasDeniedIsNotAllowed() {
    Path secret = sandbox.file("etc/secret", "a secret\n");
    Path denying =
        sandbox.file(
            "denying.yaml",
            """
            sluice: v1
            rules:
              - { name: no, on: "@open", when: 'path == "%s"', deny: EACCES }
            """
                .formatted(secret));
    Path log = sandbox.path("log.jsonl");
    String[] reading = {"sh", "-c", "read -r line <" + secret};
    in(sandbox.sluice(
            "run",
            "--policy",
            denying.toString(),
            "--audit",
            log.toString(),
            "--",
            reading[0],
            reading[1],
            reading[2]))
        .run();
    assertThat(log).content().contains("EACCES");
    Path policy = sandbox.path("learned.yaml");
    Run learning =
        in(sandbox.sluice(
                "learn", "-o", policy.toString(), "--from", log.toString(), "--", "sh", "-c", ":"))
            .run();
    assertThat(learning.status()).isZero();
    assertThat(under(policy, reading).err()).contains("Permission denied");
  }
}
