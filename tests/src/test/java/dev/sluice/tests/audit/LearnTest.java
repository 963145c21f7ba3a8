package dev.sluice.tests.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.tests.harness.Command;
import dev.sluice.tests.harness.Run;
import dev.sluice.tests.harness.Sandbox;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// `sluice learn`: the policy lets the same command pass, and no other.
final class LearnTest {
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
}
