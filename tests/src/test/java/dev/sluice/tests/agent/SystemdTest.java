package dev.sluice.tests.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sluice.tests.harness.Project;
import dev.sluice.tests.harness.Run;
import dev.sluice.tests.harness.Running;
import dev.sluice.tests.harness.Sandbox;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// The units of `src/systemd`, as `systemd-analyze verify` sees them.
final class SystemdTest {
  private static final Path UNITS = Project.ROOT.resolve("src/systemd");

  /// Those of systemd.exec(5) that are made of seccomp filters.
  private static final List<String> FILTERING =
      List.of(
          "LockPersonality",
          "MemoryDenyWriteExecute",
          "PrivateDevices",
          "ProtectClock",
          "ProtectHostname",
          "ProtectKernelLogs",
          "ProtectKernelModules",
          "ProtectKernelTunables",
          "RestrictAddressFamilies",
          "RestrictNamespaces",
          "RestrictRealtime",
          "RestrictSUIDSGID",
          "SystemCallArchitectures",
          "SystemCallFilter",
          "SystemCallLog");

  @RegisterExtension final Sandbox sandbox = new Sandbox();

  @Test
  void systemdHasNothingToSayOfTheUnits() throws IOException {
    assumeTrue(
        Files.isExecutable(Path.of("/usr/bin/systemd-analyze")), "systemd-analyze is missing");
    Path service = copy("sluice-agent.service");
    Path socket = copy("sluice-agent.socket");

    Run run =
        sandbox
            .command("systemd-analyze", "verify", "--man=no", service.toString(), socket.toString())
            .run();

    // of units that are installed, it may have much to say
    assertThat(run.err().lines().filter(line -> line.contains("sluice"))).isEmpty();
    assertThat(run.status()).as(run.toString()).isZero();
  }

  /// That program is not installed here.
  private Path copy(String unit) throws IOException {
    String text = Files.readString(UNITS.resolve(unit));
    return sandbox.file(unit, text.replace("/usr/bin/sluice", Project.SCRIPT.toString()));
  }

  /// `WatchdogSec=1h`: who never says that it is alive is killed.
  @Test
  void anHourIsAWatchdogToo() {
    String manager =
        """
        import socket
        it = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        it.bind("notify")
        print("bound", flush=True)
        print(it.recv(100).decode(), flush=True)
        """;
    Path policy = sandbox.policy("- { on: getppid, return: 4711 }");
    String agent = "WATCHDOG_PID=$$ exec \"$0\" agent --socket agent.sock --policy \"$1\"";
    try (Running systemd =
            sandbox
                .command(Project.python("service").getFirst(), "-c", manager)
                .start()
                .awaitOutput("bound");
        Running service =
            sandbox
                .command("sh", "-c", agent, Project.SCRIPT.toString(), policy.toString())
                .environment("NOTIFY_SOCKET", sandbox.path("notify").toString())
                .environment("WATCHDOG_USEC", "3600000000")
                .start()) {
      systemd.awaitOutput("READY=1");
      service.await("its watchdog", () -> service.hasThread("sluice-watchdog"));
    }
  }

  /// It tells who is supervised by the number of filters: it may have none itself.
  @Test
  void theServiceHasNoOptionThatInstallsAFilter() throws IOException {
    assertThat(Files.readAllLines(UNITS.resolve("sluice-agent.service")))
        .noneMatch(line -> FILTERING.stream().anyMatch(option -> line.startsWith(option + "=")));
  }

  /// The two must agree with each other, and with what the agent looks for.
  @Test
  void theServiceIsGivenItsSocketUnderTheNameItLooksFor() throws IOException {
    List<String> socket = Files.readAllLines(UNITS.resolve("sluice-agent.socket"));
    List<String> service = Files.readAllLines(UNITS.resolve("sluice-agent.service"));

    assertThat(socket)
        .contains("FileDescriptorName=runtimes", "ListenStream=/run/sluice/agent.sock");
    assertThat(service).anyMatch(line -> line.contains("--socket /run/sluice/agent.sock "));
    assertThat(service).contains("Type=notify", "Restart=always", "KillMode=control-group");
  }
}
