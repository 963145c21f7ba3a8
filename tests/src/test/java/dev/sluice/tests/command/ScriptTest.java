package dev.sluice.tests.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.tests.harness.Command;
import dev.sluice.tests.harness.Project;
import dev.sluice.tests.harness.Run;
import dev.sluice.tests.harness.Running;
import dev.sluice.tests.harness.Sandbox;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The script `sluice`, on a tree of its own and a machine that has only what a test gives it. Its
/// JDK and Maven say that they were called.
final class ScriptTest {
  private static final List<String> COREUTILS =
      List.of(
          "bash",
          "cat",
          "dirname",
          "find",
          "flock",
          "grep",
          "mkdir",
          "mktemp",
          "readlink",
          "rm",
          "sed",
          "timeout");

  @RegisterExtension final Sandbox sandbox = new Sandbox();

  @BeforeEach
  void makeTreeAndTools() throws IOException {
    sandbox.executable("tree/sluice", Files.readString(Project.ROOT.resolve("sluice")));
    Files.createDirectories(sandbox.path("tree/src"));
    Files.createSymbolicLink(
        sandbox.path("tree/src/packaging"), Project.ROOT.resolve("src/packaging"));
    sandbox.file("tree/pom.xml", "");
    for (String module : List.of("native", "supervisor", "agent")) {
      sandbox.file("tree/" + module + "/src/main/Source", "");
      sandbox.file("tree/" + module + "/src/test/Test", "");
    }
    for (String tool :
        Stream.concat(COREUTILS.stream(), Stream.of("sh", "touch", "sleep", "cc", "make"))
            .toList()) {
      Files.createSymbolicLink(
          Files.createDirectories(sandbox.path("bin")).resolve(tool), installed(tool));
    }
    tool("bin/mvn", "echo \"$@\" >> " + sandbox.path("builds"));
    tool("jdk/bin/java", "echo java \"$@\"");
    sandbox.file("jdk/release", "JAVA_VERSION=\"25.0.1\"\n");
  }

  @ParameterizedTest
  @CsvSource({
    "mvn, Maven is needed to build: apt install maven",
    "make, make is needed to build: apt install make",
    "cc, a C compiler is needed to build: apt install gcc libc6-dev",
  })
  void whatIsMissingToBuildIsNamed(String tool, String line) throws IOException {
    Files.delete(sandbox.path("bin/" + tool));

    fails(sluice("demo").run(), "sluice: " + line);
  }

  /// Where JDKs usually are, there is nothing in a mount namespace of its own.
  @Test
  void aMissingJdkIsNamed() {
    Run run =
        with(sandbox.command(
                "unshare",
                "--user",
                "--map-root-user",
                "--mount",
                "sh",
                "-c",
                """
                for place in /usr/lib/jvm /opt /usr/java /usr/local/*jdk*; do
                  [ ! -d "$place" ] || /usr/bin/mount -t tmpfs none "$place" || exit
                done
                exec tree/sluice demo
                """))
            .environment("JAVA_HOME", sandbox.path("none").toString())
            .run();

    fails(
        run,
        "sluice: a JDK of version 25 or later is needed: apt install temurin-25-jdk, or set"
            + " JAVA_HOME");
  }

  @Test
  void anOldJdkIsPassedOver() throws IOException {
    tool("old/bin/java", "echo too old");
    sandbox.file("old/release", "JAVA_VERSION=\"17.0.9\"\n");
    Files.createSymbolicLink(sandbox.path("bin/java"), sandbox.path("jdk/bin/java"));

    Run run = sluice("doctor").environment("JAVA_HOME", sandbox.path("old").toString()).run();

    assertThat(run.out()).startsWith("java ").endsWith("dev.sluice.agent.Main doctor\n");
  }

  @Test
  void aBuildThatFailsSaysWhy() throws IOException {
    tool("bin/mvn", "echo progress; echo '[ERROR] the reason'; exit 1");

    fails(
        sluice("doctor").run(),
        "sluice: building, which takes a minute the first time",
        "[ERROR] the reason",
        "sluice: the build failed: see " + sandbox.path("tree/agent/target/build.log"));
    assertThat(sluice("doctor").run().status()).as("again").isEqualTo(125);
  }

  @Test
  void itIsBuiltOnFirstUseAndWhenASourceHasChanged() throws IOException {
    assertThat(sluice("doctor").run().err())
        .isEqualTo("sluice: building, which takes a minute the first time\n");
    assertThat(sluice("doctor").run().mustSucceed().out()).startsWith("java ");
    assertThat(builds()).isEqualTo(1);

    touch("tree/supervisor/src/test/Test");
    sluice("doctor").run().mustSucceed();
    assertThat(builds()).as("after a change of a test").isEqualTo(1);

    touch("tree/supervisor/src/main/Source");
    assertThat(sluice("doctor").run().status()).isZero();
    assertThat(builds()).as("after a change of a source").isEqualTo(2);
  }

  @Test
  void manyAtOnceBuildOnce() throws IOException {
    tool("bin/mvn", "echo \"$@\" >> " + sandbox.path("builds") + "; sleep 0.3");

    List<Running> all = Stream.generate(() -> sluice("doctor").start()).limit(6).toList();

    assertThat(all).allSatisfy(one -> assertThat(one.finish().out()).startsWith("java "));
    assertThat(builds()).isEqualTo(1);
  }

  /// As from a link in ~/bin.
  @Test
  void itIsFoundThroughALinkFromAnywhere() throws IOException {
    Files.createSymbolicLink(sandbox.path("bin/sluice"), Path.of("../tree/sluice"));

    Run run =
        with(sandbox.command(sandbox.path("bin/sluice").toString(), "doctor"))
            .in(Path.of("/"))
            .run();

    assertThat(run.status()).isZero();
    assertThat(run.out()).contains(sandbox.path("tree/agent/target").toString());
  }

  private Command sluice(String subcommand) {
    return with(sandbox.command("tree/sluice", subcommand));
  }

  private Command with(Command command) {
    return command
        .environment("PATH", sandbox.path("bin").toString())
        .environment("HOME", sandbox.directory().toString())
        .environment("JAVA_HOME", sandbox.path("jdk").toString())
        .environment("SLUICE_NO_BUILD", "");
  }

  private static void fails(Run run, String... lines) {
    assertThat(run.err().lines()).containsExactly(lines);
    assertThat(run.status()).isEqualTo(125);
    assertThat(run.out()).isEmpty();
  }

  private int builds() throws IOException {
    return Files.readAllLines(sandbox.path("builds")).size();
  }

  private void touch(String file) {
    sandbox.command("touch", "--date", "next hour", file).run().mustSucceed();
  }

  private void tool(String name, String script) throws IOException {
    Files.deleteIfExists(sandbox.path(name));
    sandbox.executable(name, "#!/bin/sh\n" + script + "\n");
  }

  private static Path installed(String tool) {
    return Stream.of(System.getenv("PATH").split(":"))
        .map(directory -> Path.of(directory, tool))
        .filter(Files::isExecutable)
        .findFirst()
        .orElseThrow();
  }
}
