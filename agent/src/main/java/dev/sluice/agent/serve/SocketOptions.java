package dev.sluice.agent.serve;

import dev.sluice.agent.oci.Admission;
import dev.sluice.agent.oci.RuntimeSocket;
import dev.sluice.agent.terminal.UsageException;
import dev.sluice.supervisor.kernel.Processes;
import dev.sluice.supervisor.kernel.SyscallException;
import dev.sluice.supervisor.policy.FileErrors;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipalNotFoundException;
import java.util.Optional;
import java.util.OptionalInt;
import picocli.CommandLine.Option;

/// Where runtimes and commands ask the agent, and who may.
final class SocketOptions {
  @Option(
      names = "--socket",
      paramLabel = "PATH",
      description = "where runtimes hand listeners over; ${DEFAULT-VALUE} if not given")
  private Path socket = Path.of("/run/sluice/agent.sock");

  @Option(
      names = "--group",
      paramLabel = "NAME|GID",
      description =
          "let members of this group have commands of their own supervised there ('sluice run"
              + " --agent'), and nothing else")
  private Optional<String> group = Optional.empty();

  Path path() {
    return socket;
  }

  RuntimeSocket listen(RuntimeSocket.Clients clients) {
    try {
      return RuntimeSocket.listen(socket, clients);
    } catch (SyscallException e) {
      throw new UsageException("--socket: " + e.getMessage());
    }
  }

  /// The group, if one is named. Throws [UsageException] if there is none of that name.
  Optional<GroupPrincipal> group() {
    if (group.isPresent() && Processes.geteuid() != 0) {
      throw new UsageException(
          "--group is for an agent of root: 'sluice run --agent' obeys no other user's");
    }
    return group.map(SocketOptions::group);
  }

  private static GroupPrincipal group(String name) {
    try {
      if (!name.matches("[+-].*")) { // chown(2) takes -1 for no change
        return FileSystems.getDefault()
            .getUserPrincipalLookupService()
            .lookupPrincipalByGroupName(name);
      }
    } catch (UserPrincipalNotFoundException none) {
      // said below
    } catch (IOException e) {
      throw new UsageException("--group: '" + name + "' cannot be looked up: " + e.getMessage());
    }
    throw new UsageException("--group: there is no group '" + name + "'");
  }

  /// Lets its members connect to the socket, which listens already. Under systemd they may have
  /// been let before (SocketGroup=).
  Admission admit(Optional<GroupPrincipal> members) {
    if (members.isEmpty()) {
      return new Admission(OptionalInt.empty());
    }
    try {
      Files.getFileAttributeView(socket, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
          .setGroup(members.get());
      int number = (int) Files.getAttribute(socket, "unix:gid", LinkOption.NOFOLLOW_LINKS);
      Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-rw----"));
      return new Admission(OptionalInt.of(number));
    } catch (IOException e) {
      throw new UsageException(
          "--group: \"" + socket + "\" cannot be given to it: " + FileErrors.reason(e));
    }
  }
}
