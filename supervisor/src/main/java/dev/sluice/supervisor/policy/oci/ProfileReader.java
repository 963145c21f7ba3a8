package dev.sluice.supervisor.policy.oci;

import dev.sluice.supervisor.policy.Diagnostic;
import dev.sluice.supervisor.syscall.Arch;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Reads a profile: plain OCI, alone or in a whole config.json, or with what docker and podman add.
final class ProfileReader {
  private static final List<String> KEYS =
      List.of(
          "defaultAction",
          "defaultErrnoRet",
          "defaultErrno",
          "architectures",
          "archMap",
          "flags",
          "listenerPath",
          "listenerMetadata",
          "comment",
          "syscalls");

  private enum Flag {
    TSYNC,
    LOG,
    SPEC_ALLOW,
    WAIT_KILLABLE_RECV;

    @Override
    public String toString() {
      return "SECCOMP_FILTER_FLAG_" + name();
    }
  }

  private final Host host;
  private final List<Diagnostic> diagnostics;

  private ProfileReader(Host host, List<Diagnostic> diagnostics) {
    this.host = host;
    this.diagnostics = diagnostics;
  }

  /// The profile; empty, with diagnostics that say why, if something is wrong with it.
  static Optional<Profile> read(String file, String text, Host host, List<Diagnostic> diagnostics) {
    int before = diagnostics.size();
    var reader = new ProfileReader(host, diagnostics);
    Optional<Profile> profile =
        JsonReader.read(file, text, diagnostics)
            .flatMap(value -> Members.of(value, "a profile", diagnostics))
            .flatMap(reader::profileIn)
            .flatMap(reader::profile);
    return diagnostics.subList(before, diagnostics.size()).stream().anyMatch(Diagnostic::isError)
        ? Optional.empty()
        : profile;
  }

  /// The profile itself: `linux.seccomp` of a container's config.json.
  private Optional<Members> profileIn(Members top) {
    if (!top.has("linux") && !top.has("ociVersion")) {
      return Optional.of(top);
    }
    Optional<Members> profile = top.object("linux").flatMap(linux -> linux.object("seccomp"));
    if (profile.isEmpty()) {
      top.error(top.location(), "this is the configuration of a container without linux.seccomp");
    }
    return profile;
  }

  private Optional<Profile> profile(Members top) {
    top.expectKeys("a profile", KEYS);
    Optional<Integer> action =
        Words.action(top, "defaultAction", "defaultErrnoRet", "defaultErrno");
    if (action.equals(Optional.of(ScmpAction.NOTIFY.ret()))) {
      top.error(
          top.locationOf("defaultAction"),
          "SCMP_ACT_NOTIFY cannot be the default action: name the calls in a rule");
    }
    checkFlags(top);
    checkListener(top);
    var architectures = EnumSet.of(host.arch());
    boolean x32 = addArchitectures(top, architectures);
    List<ProfileRule> rules = rules(top);
    return action.map(each -> new Profile(top.location(), each, architectures, x32, rules));
  }

  private List<ProfileRule> rules(Members top) {
    var rules = new ArrayList<ProfileRule>();
    var reader = new RuleReader(host);
    int index = 0;
    for (Json item : top.list("syscalls")) {
      int number = index++;
      Members.of(item, "each of 'syscalls'", diagnostics)
          .flatMap(rule -> reader.read(rule, number))
          .ifPresent(rules::add);
    }
    return rules;
  }

  /// Adds what the profile names to `architectures`. Returns whether x32 is among it.
  private boolean addArchitectures(Members top, Set<Arch> architectures) {
    if (top.has("architectures") && top.has("archMap")) {
      top.error(
          top.locationOfKey("archMap"),
          "a profile has either 'architectures' or 'archMap', not both");
    }
    boolean x32 = false;
    for (Json.Text word : top.texts("architectures")) {
      x32 |= addArchitecture(top, word, architectures);
    }
    boolean found = false;
    for (Members entry : top.objects("archMap")) {
      entry.expectKeys("an entry of 'archMap'", List.of("architecture", "subArchitectures"));
      Optional<ScmpArch> arch =
          Words.constant(entry, "architecture", ScmpArch.class, "architecture");
      if (!entry.has("architecture")) {
        entry.error(entry.location(), "'architecture' is missing");
      }
      boolean ours = !found && arch.flatMap(ScmpArch::arch).equals(Optional.of(host.arch()));
      found |= ours;
      for (Json.Text word : entry.texts("subArchitectures")) {
        x32 |=
            addArchitecture(entry, word, ours ? architectures : EnumSet.allOf(Arch.class)) && ours;
      }
    }
    return x32;
  }

  private boolean addArchitecture(Members members, Json.Text word, Set<Arch> architectures) {
    Optional<ScmpArch> named =
        Words.constant(members, word.value(), word.location(), ScmpArch.class, "architecture");
    named.flatMap(ScmpArch::arch).ifPresent(architectures::add);
    return named.equals(Optional.of(ScmpArch.X32));
  }

  private void checkFlags(Members top) {
    for (Json.Text flag : top.texts("flags")) {
      Words.constant(top, flag.value(), flag.location(), Flag.class, "flag");
    }
  }

  private static void checkListener(Members top) {
    top.text("comment");
    Optional<String> path = top.text("listenerPath");
    if (top.text("listenerMetadata").isPresent() && path.isEmpty()) {
      top.error(
          top.locationOfKey("listenerMetadata"),
          "'listenerMetadata' is nothing without 'listenerPath'");
    }
  }
}
