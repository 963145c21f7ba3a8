package dev.sluice.tests.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.tests.harness.NeedsRoot;
import dev.sluice.tests.harness.Project;
import dev.sluice.tests.harness.Run;
import dev.sluice.tests.harness.Sandbox;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// What is made by `src/packaging`, taken apart and run; and the manifests of `src/kubernetes`.
final class PackagingTest {
  private static final Path PACKAGING = Project.ROOT.resolve("src/packaging");
  private static final Path MANIFEST = Project.ROOT.resolve("src/kubernetes/sluice.yaml");

  @RegisterExtension final Sandbox sandbox = new Sandbox();

  @Test
  void theDebianPackageRunsWithoutAnInstalledJava() throws IOException {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/dpkg-deb")), "dpkg-deb is not installed");
    Path file = sandbox.path("sluice.deb");
    String deb = "umask 077; exec \"$0\" \"$1\"";
    sandbox
        .command("sh", "-c", deb, PACKAGING.resolve("deb").toString(), file.toString())
        .run()
        .mustSucceed();
    sandbox.command("dpkg-deb", "-x", file.toString(), "root").run().mustSucceed();
    Path sluice = sandbox.path("root/opt/sluice/bin/sluice");

    assertThat(sandbox.command("dpkg-deb", "-c", file.toString()).run().mustSucceed().lines())
        .allMatch(line -> line.matches("(d|-)rwxr-xr-x .*|-rw-r--r-- .*|lrwxrwxrwx .*"));
    Run version = installed(sluice, "--version");
    Run command =
        installed(
            sluice,
            "run",
            "--policy",
            sandbox.policy("- {on: [mkdir, mkdirat], deny: EDQUOT}").toString(),
            "--",
            "mkdir",
            sandbox.path("new").toString());
    sandbox.policy("- {on: '@exec', when: 'path.under(\"/opt\")', deny: EACCES}");
    Run profiles =
        sandbox
            .command(
                sandbox.path("root/opt/sluice/bin/sluice-profiles").toString(),
                sandbox.policy("- {on: [mkdir, mkdirat], deny: EDQUOT}").getParent().toString(),
                "/run/sluice/agent.sock",
                sandbox.path("profiles").toString(),
                "--wait-killable")
            .run();

    assertThat(installed(sluice, "--help").mustSucceed().out())
        .contains("'sluice train'")
        .doesNotContain("demo", "jvm");
    assertThat(streamsOf(sluice)).isEqualTo("0\n1\n");
    assertLinksLeadSomewhere(sandbox.path("root/usr/share/doc/sluice"));
    assertThat(version.out()).as("%s", version).isEqualTo("sluice " + Project.version() + "\n");
    assertThat(command.err()).contains("Disk quota exceeded");
    assertThat(profiles.status()).as("%s", profiles).isZero(); // it may warn
    assertThat(profiles.lines()).isNotEmpty().allMatch(line -> line.endsWith(".json"));
    assertThat(Path.of(profiles.lines().get(1)))
        .content()
        .startsWith(
            "{\"listenerPath\": \"/run/sluice/agent.sock\", \"listenerMetadata\": \"policy-2\",");
    assertThat(sandbox.path("root/usr/share/man/man1/sluice-agent.1.gz")).exists();
    assertThat(sandbox.path("root/lib/systemd/system/sluice-agent.service"))
        .content()
        .contains("ExecStart=/usr/bin/sluice agent");
    assertThat(script(file, "postinst", "configure"))
        .isEqualTo("sluice train\ndaemon-reload\ntry-restart sluice-agent.service\n");
    assertThat(script(file, "postinst", "abort-upgrade")).isEmpty();
    assertThat(script(file, "prerm", "upgrade")).isEmpty();
    assertThat(script(file, "prerm", "remove"))
        .isEqualTo("disable --now sluice-agent.socket sluice-agent.service\n");
  }

  /// Those that a command has whose last one is closed.
  private String streamsOf(Path sluice) throws IOException {
    String look = "for i in 0 1 2; do [ ! -e /proc/$$/fd/$i ] || echo $i >&9; done 9>streams";
    String policy = sandbox.lookAtEverything().toString();
    sandbox
        .command(
            "sh",
            "-c",
            "exec \"$0\" run --policy \"$1\" -- sh -c \"$2\" 2>&-",
            sluice.toString(),
            policy,
            look)
        .run()
        .mustSucceed();
    return Files.readString(sandbox.path("streams"));
  }

  private static void assertLinksLeadSomewhere(Path directory) throws IOException {
    var links = Pattern.compile("]\\(([^):#]+)(#[^)]*)?\\)");
    int found = 0;
    try (var files = Files.newDirectoryStream(directory, "*.md")) {
      for (Path file : files) {
        for (var link : links.matcher(Files.readString(file)).results().toList()) {
          assertThat(directory.resolve(link.group(1))).as("%s", file).exists();
          found++;
        }
      }
    }
    assertThat(found).isGreaterThan(20);
  }

  /// What the kernel decides alone is handed over to nobody.
  @Test
  void profilesNameTheAgentWhereSomethingIsAskedOfIt() throws IOException {
    sandbox.file(
        "policies/asks.yaml", "sluice: v1\nrules: [{on: mkdir, allow: , audit: always}]\n");
    sandbox.file("policies/alone.yaml", "sluice: v1\nrules: [{on: mkdir, deny: EPERM}]\n");

    Run profiles = profiles();

    assertThat(profiles.status()).as("%s", profiles).isZero();
    assertThat(sandbox.path("profiles/asks.json"))
        .content()
        .startsWith("{\"listenerPath\": \"/a|b&c\\\\d\\\"\", \"listenerMetadata\": \"asks\",");
    assertThat(sandbox.path("profiles/alone.json"))
        .content()
        .contains("SCMP_ACT_ERRNO")
        .doesNotContain("listener");
  }

  @Test
  void whatHasNoProfileKeepsTheAgentFromNoNode() throws IOException {
    sandbox.file(
        "policies/asks.yaml", "sluice: v1\nrules: [{on: mkdir, allow: , audit: always}]\n");
    sandbox.file(
        "policies/programs.yaml",
        "sluice: v1\nrules: [{on: '@exec', when: 'path.under(\"/opt\")', deny: EACCES}]\n");
    sandbox.file("policies/a name.yaml", "sluice: v1\nrules: []\n");
    var command = Pattern.compile("\"-c\", \"(.*)\"]").matcher(Files.readString(MANIFEST));
    assertThat(command.find()).isTrue();
    String script =
        command
            .group(1)
            .replace("/opt/sluice/bin/sluice-profiles", program().toString())
            .replace("/etc/sluice/policies", sandbox.path("policies").toString())
            .replace("/seccomp", sandbox.path("seccomp").toString());

    Run profiles = sandbox.command("bash", "-c", script).run();

    assertThat(profiles.status()).as("%s", profiles).isZero();
    assertThat(profiles.out()).isEqualTo(sandbox.path("seccomp/sluice/asks.json") + "\n");
    assertThat(profiles.err())
        .contains(sandbox.path("policies/programs.yaml") + ":2:")
        .contains("a name.yaml\": a policy's name has letters, digits and . _ - only");
  }

  /// Of what is in `policies`, with the Sluice that was built.
  private Run profiles() throws IOException {
    String policies = sandbox.path("policies").toString();
    String directory = sandbox.path("profiles").toString();
    return sandbox.command(program().toString(), policies, "/a|b&c\\d\"", directory).run();
  }

  private Path program() throws IOException {
    Path program = sandbox.directory("bin").resolve("sluice-profiles");
    sandbox.executable(
        "bin/sluice-profiles", Files.readString(PACKAGING.resolve("sluice-profiles")));
    Files.createSymbolicLink(program.resolveSibling("sluice"), Project.SCRIPT);
    return program;
  }

  /// What a script of the package has systemd and Sluice do, with both made up.
  private String script(Path file, String name, String argument) {
    sandbox.directory("system");
    sandbox.executable("bin/systemctl", "#!/bin/sh\necho \"$@\"\n");
    sandbox.executable("bin/sluice", "#!/bin/sh\necho sluice \"$@\"\n");
    String run =
        """
        rm -rf scripts && dpkg-deb -e "$1" scripts || exit
        sed -i "s,/run/systemd/system,$PWD/system,; s,/opt/sluice,$PWD," scripts/*
        PATH=$PWD/bin:$PATH exec "scripts/$2" "$3"
        """;
    return sandbox
        .command("sh", "-c", run, "sh", file.toString(), name, argument)
        .run()
        .mustSucceed()
        .out();
  }

  /// The JVM refuses to start with AOTMode=on if what was recorded cannot be used.
  @Test
  @NeedsRoot
  void anInstalledSluiceStartsFromWhatWasRecorded() {
    Path tree = sandbox.path("tree");
    sandbox.command(PACKAGING.resolve("tree").toString(), tree.toString()).run().mustSucceed();
    Path sluice = tree.resolve("opt/sluice/bin/sluice");

    Run before = fromRecord(sluice);
    installed(sluice, "train").mustSucceed();
    Run after = fromRecord(sluice);

    assertThat(before.status()).isNotZero();
    assertThat(after.out()).as("%s", after).isEqualTo("sluice " + Project.version() + "\n");
  }

  private Run fromRecord(Path sluice) {
    return sandbox
        .command(sluice.toString(), "--version")
        .environment("JAVA_TOOL_OPTIONS", "-XX:AOTMode=on")
        .run();
  }

  private Run installed(Path sluice, String... arguments) {
    var words = new ArrayList<>(List.of("env", "-i", "PATH=/usr/bin:/bin"));
    words.add(sluice.toString());
    words.addAll(List.of(arguments));
    return sandbox.command(words).run();
  }

  @Test
  @NeedsRoot
  void theImageIsAnOciArchive() {
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/buildah")), "buildah is not installed");
    sandbox.directory("base/usr/bin");
    Path file = sandbox.path("image.tar");

    Run image =
        sandbox
            .command(PACKAGING.resolve("image").toString(), file.toString())
            .environment("BASE", sandbox.path("base").toString())
            .environment("STORAGE_DRIVER", "vfs")
            .run();
    Run list = sandbox.command("tar", "-tf", file.toString()).run().mustSucceed();
    Run index = sandbox.command("tar", "-xOf", file.toString(), "index.json").run().mustSucceed();

    assertThat(image.status()).as("%s", image).isZero();
    assertThat(image.err()).endsWith("image: no start could be recorded: it will take longer\n");
    assertThat(list.lines()).contains("oci-layout", "index.json");
    assertThat(index.out())
        .contains("\"org.opencontainers.image.ref.name\":\"localhost/sluice:0.1.0\"");
  }

  /// There is no cluster here: what they name is what there is.
  @Test
  void theManifestsNameWhatThereIs() throws IOException {
    String text = Files.readString(MANIFEST);
    var options = Pattern.compile("\"(--[a-z-]+)\"").matcher(text);
    String help =
        sandbox.sluice("agent", "--help").run().out()
            + sandbox.sluice("status", "--help").run().out();
    int found = 0;
    while (options.find()) {
      assertThat(help).contains(options.group(1));
      found++;
    }
    assertThat(found).isGreaterThan(2);
    var program = Pattern.compile("/opt/sluice/native/([a-z-]+)").matcher(text);
    assertThat(program.find()).isTrue();
    assertThat(Project.ROOT.resolve("native/target/bin").resolve(program.group(1))).isExecutable();
    // as ctr and podman load what `image` makes, and as the CRI reads it
    assertThat(text).contains("image: localhost/sluice:" + Project.version());
    assertThat(text.split("image: ", -1)).hasSameSizeAs(text.split("image: localhost/", -1));
    // kustomize takes no file from elsewhere
    assertThat(Project.ROOT.resolve("src/kubernetes/policies/unprivileged-container.yaml"))
        .hasSameTextualContentAs(Project.policy("unprivileged-container"));
    try (Agent agent =
        Agent.start(
            sandbox, "--policies", Project.ROOT.resolve("src/kubernetes/policies").toString())) {
      assertThat(agent.command("status").run().mustSucceed().out()).contains("policies: 1\n");
    }
  }
}
