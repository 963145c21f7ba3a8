package dev.sluice.agent.serve;

import dev.sluice.agent.lxc.LxcContainers;
import dev.sluice.agent.lxc.MonitorSocket;
import dev.sluice.agent.oci.RuntimeSocket;
import dev.sluice.agent.terminal.UsageException;
import dev.sluice.supervisor.Sluice;
import dev.sluice.supervisor.kernel.SyscallException;
import java.nio.file.Path;
import java.util.Optional;

/// Where containers come from.
///
/// @param monitors those of LXC, if they are served
record ContainerSockets(RuntimeSocket runtimes, Optional<MonitorSocket> monitors)
    implements AutoCloseable {
  /// @param runtimes ours to close
  /// @param lxc where LXC's monitors connect, if they are served
  static ContainerSockets of(RuntimeSocket runtimes, Optional<Path> lxc, Sluice sluice) {
    try {
      var containers = new LxcContainers(sluice);
      return new ContainerSockets(
          runtimes, lxc.map(path -> MonitorSocket.listen(path, containers)));
    } catch (SyscallException e) {
      runtimes.close();
      throw new UsageException("--lxc: " + e.getMessage());
    }
  }

  /// Takes no container from here on.
  void drain() {
    runtimes.drain();
    monitors.ifPresent(MonitorSocket::drain);
  }

  @Override
  public void close() {
    runtimes.close();
    monitors.ifPresent(MonitorSocket::close);
  }
}
