package dev.sluice.agent;

import dev.sluice.agent.oci.HandOver;
import dev.sluice.agent.oci.RuntimeSocket;
import dev.sluice.supervisor.Sluice;
import dev.sluice.supervisor.kernel.SyscallException;
import dev.sluice.supervisor.policy.Container;
import dev.sluice.supervisor.policy.PolicyException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `sluice agent`: containers that OCI runtimes start, under a policy.
@Command(
    name = "agent",
    description = {
      "Supervises the containers whose seccomp profile names its socket as listenerPath, as runc,",
      "crun and podman hand them over; 'sluice policy compile --format oci' makes that profile."
    },
    footer = {
      "",
      "Exit status: 2 for wrong usage or policy, 125 if sluice itself fails; else it stays."
    },
    mixinStandardHelpOptions = true)
final class AgentCommand implements Callable<Integer> {
  private static final Logger LOG = LoggerFactory.getLogger(AgentCommand.class);

  @Mixin private SupervisorOptions options = new SupervisorOptions();

  @Option(
      names = "--socket",
      paramLabel = "PATH",
      description = "where runtimes hand listeners over; ${DEFAULT-VALUE} if not given")
  private Path socket = Path.of("/run/sluice/agent.sock");

  @Override
  public Integer call() throws Exception {
    var builder = options.builder("agent");
    options.prepare(builder);
    try (var sluice = builder.open();
        var runtimes = listen(sluice)) {
      options.watch(sluice);
      Main.say("listening at " + socket);
      runtimes.run();
    }
    return 0;
  }

  private RuntimeSocket listen(Sluice sluice) {
    try {
      return RuntimeSocket.listen(socket, handOver -> attach(sluice, handOver));
    } catch (SyscallException e) {
      throw new UsageException("--socket: " + e.getMessage());
    }
  }

  private static void attach(Sluice sluice, HandOver handOver) {
    Container container = handOver.state().container();
    try {
      var ended = sluice.attach(handOver.listener(), container, false);
      LOG.info("container {}, process {}", container.id(), handOver.state().pid());
      var _ =
          ended.thenRun(() -> LOG.info("container {}: its last process has ended", container.id()));
    } catch (PolicyException e) {
      // its calls fail with ENOSYS now
      LOG.error("container {} has no policy: {}", container.id(), e.getMessage());
    }
  }
}
