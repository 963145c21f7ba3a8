package dev.sluice.supervisor.audit.learn;

import dev.sluice.supervisor.audit.Argument;
import dev.sluice.supervisor.audit.AuditRecord;
import dev.sluice.supervisor.audit.AuditRecord.NamedFile;
import dev.sluice.supervisor.audit.ByteText;
import dev.sluice.supervisor.audit.Denials;
import dev.sluice.supervisor.policy.PolicyCompiler;
import dev.sluice.supervisor.syscall.Arch;
import dev.sluice.supervisor.syscall.Groups;
import dev.sluice.supervisor.syscall.PathParameter;
import dev.sluice.supervisor.target.CallKind;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/// Writes the policy that allows what records say was done, and little more.
public final class PolicyLearner {
  private static final Set<String> OPEN = Groups.members("@open").orElseThrow();
  private static final Set<String> EXEC = Groups.members("@exec").orElseThrow();
  private static final Set<String> MODIFY = Groups.members("@modify").orElseThrow();
  private static final Set<String> CONNECT = Groups.members("@connect").orElseThrow();
  private static final List<Set<String>> GROUPED =
      List.of(OPEN, EXEC, MODIFY, CONNECT, Set.of("bind"));
  private static final Set<String> WRITING = Set.of("O_WRONLY", "O_RDWR", "O_CREAT", "O_TRUNC");

  private static final Set<AuditRecord.Outcome> MADE =
      Set.of(AuditRecord.Outcome.OBSERVED, AuditRecord.Outcome.PERFORMED);

  /// Calls that few programs need, and much can be done with.
  private static final List<String> DANGEROUS =
      List.of(
          "@clock",
          "@cpu-emulation",
          "@debug",
          "@keyring",
          "@module",
          "@mount",
          "@obsolete",
          "@pkey",
          "@raw-io",
          "@reboot",
          "@swap",
          "bpf",
          "process_vm_readv",
          "process_vm_writev",
          "userfaultfd");

  private final Places programs;
  private final Places read;
  private final Places written;
  private final Places changed;
  private final Addresses reached = new Addresses();
  private final Addresses bound = new Addresses();

  /// What other calls looked at, by the calls that do the same.
  private final Map<String, Places> looked = new TreeMap<>();

  private final Set<ByteText> unsaid = new HashSet<>();
  private final Set<String> seen = new TreeSet<>();

  /// Those that were not refused.
  private final Set<String> made = new TreeSet<>();

  /// Other calls of which no single path is known.
  private final Set<String> others = new TreeSet<>();

  private final String workingDirectory;
  private final String home;
  private long records;

  /// @param workingDirectory of the command: what lies there is its own
  /// @param home what `~` stands for
  public PolicyLearner(String workingDirectory, String home) {
    this.workingDirectory = workingDirectory;
    this.home = home;
    programs = new Places(workingDirectory, home, true);
    read = new Places(workingDirectory, home, false);
    written = new Places(workingDirectory, home, true);
    changed = new Places(workingDirectory, home, true);
  }

  /// The policy to learn under: all takes place but what guards close, and what counts is recorded.
  public static String observing() {
    return observing(Set.of(), Set.of());
  }

  /// The same, and it records other calls too.
  ///
  /// @param looked those of them of which it must be known where their paths led
  public static String observing(Set<String> more, Set<String> looked) {
    var exact = new TreeSet<>(looked);
    GROUPED.forEach(exact::removeAll);
    var others = dangerous();
    others.addAll(more);
    GROUPED.forEach(others::removeAll);
    others.removeAll(exact);
    String looking =
        exact.isEmpty()
            ? ""
            : "  - { name: looked, on: %s, allow: , audit: exact }\n".formatted(exact);
    return """
    sluice: v1
    name: learning
    audit: { mode: lossless }
    rules:
      - { name: files, on: ["@open", "@exec", "@modify"], allow: , audit: exact }
      - { name: addresses, on: ["@connect"], when: 'address.family != "unspec"', allow: , audit: exact }
      - { name: bind, on: bind, allow: , audit: exact }
      - { name: others, on: %s, allow: , audit: always }
    """
            .formatted(others)
        + looking;
  }

  private static Set<String> dangerous() {
    var calls = new TreeSet<String>();
    for (String word : DANGEROUS) {
      calls.addAll(Groups.members(word).orElseGet(() -> new TreeSet<>(Set.of(word))));
    }
    calls.retainAll(Arch.host().numbers().keySet());
    return calls;
  }

  /// What was denied teaches nothing.
  public void add(AuditRecord record) {
    records++;
    if (record.isDenial()) {
      if (record.rule().equals(Optional.of(PolicyCompiler.GUARD))) {
        seen.add(record.syscall()); // another guard closes it again
      }
      return;
    }
    seen.add(record.syscall());
    if (MADE.contains(record.outcome())) {
      made.add(record.syscall());
    }
    if (GROUPED.stream().noneMatch(calls -> calls.contains(record.syscall()))) {
      addOther(record);
    }
    for (NamedFile file : record.paths()) {
      if (!file.path().isUtf8()) {
        unsaid.add(file.path());
      } else if (file.resolved()) {
        add(record, file.path().toString());
      }
    }
    if (record.address().isPresent()) {
      (CONNECT.contains(record.syscall()) ? reached : bound).add(record.address().get());
    }
  }

  private void add(AuditRecord record, String path) {
    if (EXEC.contains(record.syscall())) {
      programs.add(path);
    } else if (OPEN.contains(record.syscall())) {
      (writes(record) ? written : read).add(path);
    } else if (MODIFY.contains(record.syscall())) {
      changed.add(path);
    }
  }

  private void addOther(AuditRecord record) {
    String call = record.syscall();
    List<NamedFile> files = record.paths();
    boolean byPath =
        CallKind.named(Arch.host(), call)
            .map(kind -> kind.paths().stream().map(PathParameter::variable).toList())
            .equals(Optional.of(List.of("path")));
    if (byPath && files.size() == 1 && files.getFirst().resolved()) {
      looked
          .computeIfAbsent(Denials.callsLike(call), _ -> new Places(workingDirectory, home, false))
          .add(files.getFirst().path().toString());
    } else {
      others.add(call);
    }
  }

  private static boolean writes(AuditRecord record) {
    return record.syscall().equals("creat")
        || record.arguments().stream()
            .filter(argument -> argument.name().endsWith("flags"))
            .anyMatch(argument ->
                argument.value() instanceof Argument.Symbolic(String text)
                    && List.of(text.split("\\|", -1)).stream().anyMatch(WRITING::contains));
  }

  /// The policy.
  ///
  /// @param command what was run, for a comment
  public String policy(String command) {
    var text = new StringBuilder();
    text.append("# Learned from ").append(records).append(" records of: ");
    text.append(command.replaceAll("\\p{Cntrl}", "?")).append('\n');
    text.append("# Look through it: what was done once is allowed from now on.\n");
    text.append("sluice: v1\nname: learned\nrules:\n");
    return text + rules();
  }

  /// Its rules: the same text as before if there was nothing new.
  public String rules() {
    var text = new StringBuilder();
    group(text, "programs", "Programs that were executed", "@exec", programs.terms(), "");
    group(text, "reads", "Files that were read", "@open", read.terms(), "!access.write");
    group(text, "writes", "Files that were written", "@open", written.terms(), "");
    closed(text, "no-other-file", "@open", "path.under(\"/\")");
    group(text, "changes", "What was made, renamed, removed", "@modify", changed.terms(), "");
    closed(text, "no-other-change", "@modify", "path.under(\"/\")");
    group(text, "addresses", "Whom it talked to", "@connect", reached.terms(bound), "");
    closed(text, "no-other-address", "@connect", "address.family != \"unspec\"");
    group(text, "own-addresses", "Where it could be reached", "bind", bound.terms(bound), "");
    closed(text, "no-other-own-address", "bind", "address.family != \"unspec\"");
    long missing = unsaid.size() + reached.unsaid() + bound.unsaid();
    if (missing > 0) {
      text.append("\n  # Names that are not UTF-8, of which no policy can speak: ");
      text.append(missing).append('\n');
    }
    var needed = dangerous();
    needed.retainAll(made);
    if (!needed.isEmpty()) {
      text.append("\n  # Calls that few programs need, and this one did\n");
      text.append("  - name: needed\n    on: ").append(needed).append("\n    allow:\n");
    }
    var unseen = dangerous();
    unseen.removeAll(seen);
    text.append("\n  # Calls that few programs need, and this one did not\n");
    text.append("  - name: never-needed\n    on: ").append(unseen).append("\n    deny: EPERM\n");
    return text.toString();
  }

  /// The rules that allow what was done, and nothing that denies the rest.
  ///
  /// @param suffix behind each name
  String allowing(String suffix) {
    var text = new StringBuilder();
    allow(text, "programs" + suffix, "@exec", programs.terms(), "");
    allow(text, "reads" + suffix, "@open", read.terms(), "!access.write");
    allow(text, "writes" + suffix, "@open", written.terms(), "");
    allow(text, "changes" + suffix, "@modify", changed.terms(), "");
    allow(text, "addresses" + suffix, "@connect", reached.terms(bound), "");
    allow(text, "own-addresses" + suffix, "bind", bound.terms(bound), "");
    int number = 1;
    for (var entry : looked.entrySet()) {
      String name = "looks" + (number == 1 ? "" : "-" + number) + suffix;
      allow(text, name, entry.getKey(), entry.getValue().terms(), "");
      number++;
    }
    if (!others.isEmpty()) {
      text.append("  - name: calls").append(suffix).append("\n    on: ").append(others);
      text.append("\n    allow:\n");
    }
    return text.toString();
  }

  private static void group(
      StringBuilder to, String name, String comment, String on, Set<String> terms, String and) {
    to.append("\n  # ").append(comment).append('\n');
    if (terms.isEmpty()) {
      to.append("  # (nothing)\n");
    } else {
      allow(to, name, on, terms, and);
    }
    if (on.equals("@exec")) {
      to.append("  - { name: no-other-program, on: \"@exec\", deny: EACCES }\n");
    }
  }

  private static void allow(
      StringBuilder to, String name, String on, Set<String> terms, String and) {
    if (terms.isEmpty()) {
      return;
    }
    to.append("  - name: ").append(name).append("\n    on: ");
    to.append(on.startsWith("@") ? "\"" + on + "\"" : on).append('\n');
    to.append("    when: >-\n      ");
    String any = String.join(" ||\n      ", terms);
    to.append(and.isEmpty() ? any : and + " && (\n      " + any + ")");
    to.append("\n    allow:\n");
  }

  private static void closed(StringBuilder to, String name, String on, String when) {
    to.append("  - { name: ").append(name).append(", on: \"").append(on);
    to.append("\", when: '").append(when).append("', deny: EACCES }\n");
  }

  /// The unit tests of that policy.
  public String tests(String policyFile) {
    var tests = new ArrayList<String>();
    read.example().ifPresent(path -> tests.add(test("what was read", "openat", path, "allow")));
    programs
        .example()
        .ifPresent(path -> tests.add(test("what was executed", "execve", path, "allow")));
    String key = (home.equals("/") ? "" : home) + "/.ssh/id_ed25519";
    if (!read.include(key) && !written.include(key)) {
      tests.add(test("keys are not read", "openat", key, "deny EACCES"));
    }
    tests.add(test("no program of its own is executed", "execve", "/made-up", "deny EACCES"));
    tests.add(
        """
          - name: nobody else is talked to
            call: connect
            args: { address: "203.0.113.7:443" }
            expect: deny EACCES
        """);
    return "policy: "
        + Denials.cel(policyFile)
        + "\nenvironment: { HOME: "
        + Denials.cel(home)
        + " }\ntests:\n"
        + String.join("", tests);
  }

  private static String test(String name, String call, String path, String expect) {
    String flags = call.equals("openat") ? ", flags: O_RDONLY" : "";
    String argument = "{ path: " + Denials.cel(path) + flags + " }";
    return "  - name: %s\n    call: %s\n    args: %s\n    expect: %s\n"
        .formatted(name, call, argument, expect);
  }
}
