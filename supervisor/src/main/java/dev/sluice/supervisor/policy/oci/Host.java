package dev.sluice.supervisor.policy.oci;

import dev.sluice.supervisor.syscall.Arch;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What the `includes` and `excludes` of a profile ask for.
///
/// @param capabilities in the bounding set of the container, such as `CAP_SYS_ADMIN`
public record Host(Arch arch, KernelVersion kernel, Set<String> capabilities) {
  /// What a container gets that asks for nothing.
  public static final Set<String> UNPRIVILEGED =
      Set.of(
          "CAP_AUDIT_WRITE",
          "CAP_CHOWN",
          "CAP_DAC_OVERRIDE",
          "CAP_FOWNER",
          "CAP_FSETID",
          "CAP_KILL",
          "CAP_MKNOD",
          "CAP_NET_BIND_SERVICE",
          "CAP_NET_RAW",
          "CAP_SETFCAP",
          "CAP_SETGID",
          "CAP_SETPCAP",
          "CAP_SETUID",
          "CAP_SYS_CHROOT");

  /// `4.8`; what follows does not count.
  public record KernelVersion(int major, int minor) implements Comparable<KernelVersion> {
    private static final Pattern RELEASE = Pattern.compile("(\\d{1,6})\\.(\\d{1,6}).*");

    /// The version of a release such as `6.18.4-amd64`; 0.0 if it is none.
    static KernelVersion of(String release) {
      Matcher matcher = RELEASE.matcher(release);
      return matcher.matches()
          ? new KernelVersion(
              Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2)))
          : new KernelVersion(0, 0);
    }

    @Override
    public int compareTo(KernelVersion other) {
      return major != other.major
          ? Integer.compare(major, other.major)
          : Integer.compare(minor, other.minor);
    }
  }

  public Host {
    capabilities = Set.copyOf(capabilities);
  }

  /// This machine, and a container on it with the capabilities of [#UNPRIVILEGED].
  public static Host here() {
    return new Host(
        Arch.host(), KernelVersion.of(System.getProperty("os.version", "")), UNPRIVILEGED);
  }
}
