package dev.sluice.supervisor.audit.learn;

import dev.sluice.supervisor.audit.Address;
import dev.sluice.supervisor.audit.Argument;
import dev.sluice.supervisor.audit.AuditRecord;
import dev.sluice.supervisor.audit.AuditRecord.NamedFile;
import dev.sluice.supervisor.audit.Denials;
import dev.sluice.supervisor.syscall.Arch;
import dev.sluice.supervisor.syscall.Groups;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/// Writes the policy that allows what records say was done, and little more.
public final class PolicyLearner {
  private static final Set<String> OPEN = Groups.members("@open").orElseThrow();
  private static final Set<String> EXEC = Groups.members("@exec").orElseThrow();
  private static final Set<String> MODIFY = Groups.members("@modify").orElseThrow();
  private static final Set<String> CONNECT = Groups.members("@connect").orElseThrow();
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
          "userfaultfd");

  private final Places programs;
  private final Places read;
  private final Places written;
  private final Places changed;
  private final Set<String> reached = new TreeSet<>();
  private final Set<String> bound = new TreeSet<>();
  private final Set<String> seen = new TreeSet<>();

  /// Those that were not refused.
  private final Set<String> made = new TreeSet<>();

  private final String home;
  private long records;

  /// @param workingDirectory of the command: what lies there is its own
  /// @param home what `~` stands for
  public PolicyLearner(String workingDirectory, String home) {
    this.home = home;
    programs = new Places(workingDirectory, home, true);
    read = new Places(workingDirectory, home, false);
    written = new Places(workingDirectory, home, true);
    changed = new Places(workingDirectory, home, true);
  }

  /// The policy to learn under: all takes place but what guards close, and what counts is recorded.
  public static String observing() {
    return observing(Set.of());
  }

  /// The same, and it records other calls too.
  public static String observing(Set<String> more) {
    var others = dangerous();
    others.addAll(more);
    others.removeAll(MODIFY);
    others.removeAll(OPEN);
    others.removeAll(EXEC);
    others.removeAll(CONNECT);
    others.remove("bind");
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
        .formatted(others);
  }

  private static Set<String> dangerous() {
    var calls = new TreeSet<String>();
    for (String word : DANGEROUS) {
      calls.addAll(Groups.members(word).orElseGet(() -> new TreeSet<>(Set.of(word))));
    }
    calls.retainAll(Arch.host().numbers().keySet());
    return calls;
  }

  public void add(AuditRecord record) {
    records++;
    seen.add(record.syscall());
    if (MADE.contains(record.outcome())) {
      made.add(record.syscall());
    }
    for (NamedFile file : record.paths()) {
      if (file.resolved() && file.path().isUtf8()) {
        add(record, file.path().toString());
      }
    }
    if (record.address().isPresent()) {
      (CONNECT.contains(record.syscall()) ? reached : bound).add(term(record.address().get()));
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

  private static boolean writes(AuditRecord record) {
    return record.syscall().equals("creat")
        || record.arguments().stream()
            .filter(argument -> argument.name().endsWith("flags"))
            .anyMatch(argument ->
                argument.value() instanceof Argument.Symbolic(String text)
                    && List.of(text.split("\\|", -1)).stream().anyMatch(WRITING::contains));
  }

  private static String term(Address address) {
    if (address.path().isPresent()) {
      return "address.path == " + Denials.cel(address.path().get().toString());
    }
    return address.ip().isEmpty()
        ? "address.family == " + Denials.cel(address.family())
        : "(address.ip == "
            + Denials.cel(address.ip())
            + " && address.port == "
            + address.port()
            + ")";
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
    group(text, "addresses", "Whom it talked to", "@connect", reached, "");
    closed(text, "no-other-address", "@connect", "address.family != \"unspec\"");
    group(text, "own-addresses", "Where it could be reached", "bind", bound, "");
    closed(text, "no-other-own-address", "bind", "address.family != \"unspec\"");
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
    allow(text, "addresses" + suffix, "@connect", reached, "");
    allow(text, "own-addresses" + suffix, "bind", bound, "");
    var calls = new TreeSet<>(seen);
    List.of(EXEC, OPEN, MODIFY, CONNECT, Set.of("bind")).forEach(calls::removeAll);
    if (!calls.isEmpty()) {
      text.append("  - name: calls").append(suffix).append("\n    on: ").append(calls);
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
    to.append("  - name: ").append(name).append("\n    on: \"").append(on).append("\"\n");
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
    String key = home + "/.ssh/id_ed25519";
    if (read.terms().stream().noneMatch(term -> term.contains("~/.ssh"))) {
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
        + policyFile
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
