package dev.sluice.supervisor.policy;

import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// Policies of many rules, all different, such as programs write.
public final class ManyRules {
  /// No rule holds for an open of this file.
  public static final String ELSEWHERE = "/home/dev/project/src/main/java/org/example/App.java";

  private static final List<String> OPENS =
      List.of(
          "path.under(\"/srv/tenant%d/private\")",
          "path.glob(\"/home/*/.config/app%d/**\")",
          "path == \"/home/dev/project/secret%d\"",
          "access.write && path.under(\"/home/dev/project/vendor/lib%d\")",
          "path.glob(\"**/*.key%d\")",
          "path.startsWith(\"/home/dev/project/build%d\") && !path.endsWith(\".log\")",
          "access.write && path.glob(\"/home/dev/**/generated%d/*.java\")",
          "path in [\"/etc/app%1$d.conf\", \"/home/dev/.app%1$d\", \"/home/dev/project/.app%1$d\"]",
          "path.under(\"/opt/app%1$d\") || path.under(\"/home/dev/project/app%1$d\")",
          "path.endsWith(\"/credentials%d.json\")");

  private static final List<String> CONNECTS =
      List.of(
          "address.in(\"10.%d.0.0/16\")",
          "address.port == %d",
          "address.family == \"inet6\" && address.port == %d",
          "address.path.under(\"/run/app%d\")");

  /// Calls, each with what decides it.
  private static final List<String> REGISTERS =
      List.of(
          "ioctl, when: 'op == %d'",
          "prctl, when: 'args[0] == %d'",
          "socket, when: 'domain == %d && type == 3'",
          "fcntl, when: 'args[1] == %d'",
          "setsockopt, when: 'level == 1 && optname == %d'",
          "kill, when: 'sig == 9 && pid == %d'",
          "setpriority, when: 'args[2] == %d'",
          "madvise, when: 'args[2] == %d'",
          "mmap, when: 'args[2] == %d'",
          "personality, when: 'args[0] == %d'");

  private ManyRules() {}

  /// Rules about opens by paths, which are not for [#ELSEWHERE].
  public static String aboutOpens(int count) {
    return policy("allow", "deny: EACCES", count, ManyRules::open);
  }

  /// Half of the rules are about opens, the others about connections and registers.
  ///
  /// @param action of the rules, as it stands in them
  /// @param otherwise the default
  public static String aboutEverything(String otherwise, String action, int count) {
    return policy(
        otherwise,
        action,
        count,
        i ->
            switch (i % 4) {
              case 0, 1 -> open(i);
              case 2 -> "'@connect', when: '" + nth(CONNECTS, i / 4).formatted(i % 256) + "'";
              default -> nth(REGISTERS, i / 4).formatted(i);
            });
  }

  /// Rules about one call, whose registers decide.
  static String aboutOneCall(String call, String when, int count) {
    return policy("allow", "deny: EPERM", count, i -> call + ", when: '" + when.formatted(i) + "'");
  }

  private static String open(int i) {
    return "'@open', when: '" + nth(OPENS, i).formatted(i) + "'";
  }

  private static String nth(List<String> templates, int i) {
    return templates.get(i % templates.size());
  }

  private static String policy(
      String otherwise, String action, int count, IntFunction<String> callAndCondition) {
    return IntStream.range(0, count)
        .mapToObj(i -> "  - {on: " + callAndCondition.apply(i) + ", " + action + "}\n")
        .collect(Collectors.joining("", "sluice: v1\ndefault: " + otherwise + "\nrules:\n", ""));
  }
}
