package dev.sluice.tests.harness;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// A group of version 1 of cgroups(7) in which there are but some devices. Without that hierarchy,
/// or one that is ours to write to, the test is skipped.
public final class DeviceCgroup implements AutoCloseable {
  private static final Path ROOT = Path.of("/sys/fs/cgroup/devices");

  private final Path group;

  private DeviceCgroup(Path group) {
    this.group = group;
  }

  /// @param allowed such as `c 1:* rwm`
  public static DeviceCgroup of(String... allowed) throws IOException {
    assumeTrue(Files.isWritable(ROOT.resolve("devices.allow")), "no device cgroups of version 1");
    Path group = Files.createTempDirectory(ROOT, "sluice-test-");
    Files.writeString(group.resolve("devices.deny"), "a");
    for (String devices : allowed) {
      Files.writeString(group.resolve("devices.allow"), devices);
    }
    return new DeviceCgroup(group);
  }

  /// The same command, which enters it first.
  public Command enteredBy(Sandbox sandbox, Command command) {
    String script = "echo $$ >" + group.resolve("cgroup.procs") + " && exec \"$@\"";
    var words = new ArrayList<>(List.of("sh", "-c", script, "sh"));
    words.addAll(command.words());
    return sandbox.command(words);
  }

  @Override
  public void close() throws IOException {
    LimitedCgroup.evict(group, ROOT);
    LimitedCgroup.delete(group);
  }
}
