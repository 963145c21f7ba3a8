package dev.sluice.tests.plugins;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.tests.harness.Run;
import dev.sluice.tests.harness.Sandbox;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Plug-ins that cannot be loaded: a line that says why, status 2, and nothing started.
final class WrongPlugInTest {
  @RegisterExtension final Sandbox sandbox = new Sandbox();

  private PlugIns plugIns;

  @BeforeEach
  void makeDirectory() {
    plugIns = new PlugIns(sandbox);
  }

  @Test
  void aDirectoryThatIsMissingIsNamed() {
    refused(
        sandbox.path("none"),
        "mine",
        "sluice: plug-ins \"%s\": No such file or directory".formatted(sandbox.path("none")));
  }

  @Test
  void aDirectoryWithoutHandlersIsNoMistakeOfThePolicy() {
    sandbox.file("library/readme.txt", "no classes");
    plugIns.pack("library");

    refused("mine", "sluice: plug-ins \"%s\": no jar has a handler".formatted(directory()));
  }

  @Test
  void aHandlerThatIsNotThereIsNamedWithItsPlace() {
    plugIns.withMkdir("mine", "return null;");

    Run run = run(directory(), "yours");

    assertThat(run.status()).isEqualTo(2);
    assertThat(run.err().lines().toList())
        .singleElement()
        .asString()
        .endsWith(
            "/policy-1.yaml:4:5: error: unknown handler 'yours'; there are bind, bpf, connect,"
                + " device, link, mine, mount, open, read-only, redirect, rename, scheduler, send,"
                + " sysinfo, trusted-xattr");
  }

  @Test
  void aHandlerThatDoesNotServeTheCallIsRefused() {
    plugIns.withMkdir("mine", "return null;");

    Run run = run(directory(), "mine", "getppid");

    assertThat(run.status()).isEqualTo(2);
    assertThat(run.err()).contains(":4:").contains("'mine'").contains("getppid");
    assertThat(sandbox.path("made")).doesNotExist();
  }

  @Test
  void aNameThatIsTakenIsRefused() {
    plugIns.withMkdir("mount", "return null;");

    refused(
        "mount",
        "sluice: there are two handlers 'mount':"
            + " dev.sluice.supervisor.container.ImageMountHandler and Handler_mount");
  }

  @Test
  void aClassThatIsNotThereIsNamed() {
    sandbox.file("broken/" + PlugIns.services(), "example.Nowhere\n");
    plugIns.pack("broken");

    refused(
        "mine",
        "sluice: plug-ins \"%s\": dev.sluice.supervisor.handler.SyscallHandler: Provider"
                .formatted(directory())
            + " example.Nowhere not found");
  }

  @Test
  void aClassThatIsNoneIsNamed() {
    sandbox.file("broken/" + PlugIns.services(), "Broken\n");
    sandbox.file("broken/Broken.class", "this is not what a compiler writes");
    plugIns.pack("broken");

    Run run = run(directory(), "mine");

    assertThat(run.status()).isEqualTo(2);
    assertThat(run.err().lines().toList())
        .singleElement()
        .asString()
        .startsWith("sluice: plug-ins \"%s\": ".formatted(directory()))
        .contains("Broken");
  }

  @Test
  void aConstructorThatThrowsIsNamed() {
    plugIns.with(
        "Thrower",
        """
        import dev.sluice.supervisor.handler.*;
        import dev.sluice.supervisor.policy.Verdict;
        import dev.sluice.supervisor.target.Call;
        import java.util.Set;

        public final class Thrower implements SyscallHandler {
          public Thrower() { throw new IllegalStateException("no licence"); }
          @Override public String name() { return "thrower"; }
          @Override public Set<String> syscalls() { return Set.of("mkdir"); }
          @Override public Verdict handle(Call call, Context context) { return null; }
        }
        """);

    refused(
        "thrower",
        "sluice: plug-ins \"%s\": dev.sluice.supervisor.handler.SyscallHandler: Provider Thrower"
                .formatted(directory())
            + " could not be instantiated");
  }

  private Path directory() {
    return plugIns.directory();
  }

  private void refused(String handler, String line) {
    refused(directory(), handler, line);
  }

  private void refused(Path plugInDirectory, String handler, String line) {
    Run run = run(plugInDirectory, handler);

    assertThat(run.err()).isEqualTo(line + "\n");
    assertThat(run.status()).isEqualTo(2);
    assertThat(sandbox.path("made")).doesNotExist();
  }

  private Run run(Path plugInDirectory, String handler) {
    return run(plugInDirectory, handler, "mkdir");
  }

  private Run run(Path plugInDirectory, String handler, String call) {
    return sandbox
        .command("touch", "made")
        .under(sandbox.policy("- {on: %s, emulate: %s}".formatted(call, handler)))
        .option("--plugins", plugInDirectory.toString())
        .run();
  }
}
