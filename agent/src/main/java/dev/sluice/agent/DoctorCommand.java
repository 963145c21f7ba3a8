package dev.sluice.agent;

import dev.sluice.supervisor.Features;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/// `sluice doctor`: what this kernel and user can do.
@Command(
    name = "doctor",
    description = "Says what this kernel and user can do, and what follows from what they cannot.",
    footer = {"", "Exit status: 0 if sluice can supervise here, 1 if it cannot."},
    mixinStandardHelpOptions = true)
final class DoctorCommand implements Callable<Integer> {

  /// The first version of its ABI that confines signals (landlock(7)).
  private static final int LANDLOCK_SCOPES = 6;

  /// @param feature what `sluice-probe` calls it
  /// @param consequence what follows if it is missing
  private record Check(String feature, String name, String consequence) {}

  private static final List<Check> CHECKS =
      List.of(
          new Check("user_notif", "SECCOMP_RET_USER_NOTIF (5.0)", "nothing can be supervised here"),
          new Check(
              "continue",
              "SECCOMP_USER_NOTIF_FLAG_CONTINUE (5.5)",
              "a notified call cannot be allowed: only policies that perform or deny every call"
                  + " work"),
          new Check(
              "addfd",
              "SECCOMP_IOCTL_NOTIF_ADDFD (5.9)",
              "opens cannot be performed for a target: policies that decide by paths do not work"),
          new Check(
              "addfd_send",
              "SECCOMP_ADDFD_FLAG_SEND (5.14)",
              "opens cannot be performed for a target: policies that decide by paths do not work"),
          new Check(
              "wait_killable",
              "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (5.19), by behaviour",
              "a signal can end a call that is being performed: it may be performed twice; policies"
                  + " that decide by path what is executed do not work"),
          new Check(
              "sync_wake_up",
              "SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP (6.6)",
              "a notification takes up to ten times as long"),
          new Check(
              "read_memory",
              "process_vm_readv of a child",
              "paths cannot be read: conditions that need them fail with EPERM"),
          new Check(
              "pidfd_thread", "PIDFD_THREAD (6.9)", "looking after threads takes a little longer"),
          new Check(
              "openat2",
              "openat2 with RESOLVE_CACHED (5.12)",
              "paths cannot be resolved: policies that decide by them do not work"),
          new Check(
              "trace",
              "PTRACE_SEIZE of a child",
              "what is executed cannot be looked at: policies that decide by path what is executed"
                  + " do not work"),
          new Check(
              "peer_pidfd",
              "SO_PEERPIDFD (6.5)",
              "'sluice reload', and all that ask an agent, are refused"),
          new Check("user_namespace", "user namespaces", "targets cannot make any"));

  @Override
  public Integer call() {
    Features features = Features.probe();
    for (Check check : CHECKS) {
      boolean there = features.has(check.feature);
      String value = features.describe(check.feature);
      System.out.printf(
          Locale.ROOT,
          "%-4s %s%s%n",
          there ? "yes" : "no",
          check.name,
          there ? "" : ": " + value.replace("no ", "") + "; " + consequence(check, value));
    }
    System.out.println(landlock(features.describe("landlock")));
    System.out.println(yama(features.describe("yama")));
    System.out.println(listener(features));
    return features.has("user_notif") ? 0 : 1;
  }

  private static String consequence(Check check, String value) {
    return value.equals("no EBUSY")
        ? "another listener is in the way: see below"
        : check.consequence;
  }

  private static String landlock(String value) {
    boolean scopes = !value.startsWith("no") && Integer.parseInt(value) >= LANDLOCK_SCOPES;
    return scopes
        ? "yes  Landlock, ABI " + value
        : "no   Landlock with scopes (6.12): what serves an image to a container ('fuse:') can"
            + " signal and trace others of its ids";
  }

  private static String yama(String scope) {
    return switch (scope) {
      case "0" -> "yes  reading the memory of others with our user id (no Yama, or ptrace_scope 0)";
      case "1" ->
          "yes  reading the memory of our own descendants (Yama ptrace_scope 1): a command that"
              + " detaches itself from sluice fails with EPERM";
      default ->
          "no   reading memory (Yama ptrace_scope " + scope + "): only root can supervise by paths";
    };
  }

  private static String listener(Features features) {
    return features.describe("user_notif").equals("no EBUSY")
        ? "no   room for a listener: we run under one already, and the kernel allows one; run"
            + " sluice outside of it"
        : "yes  room for a listener (Seccomp mode " + features.describe("seccomp_mode") + ")";
  }
}
