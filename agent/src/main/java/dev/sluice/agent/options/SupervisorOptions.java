package dev.sluice.agent.options;

import dev.sluice.agent.terminal.Output;
import dev.sluice.agent.terminal.UsageException;
import dev.sluice.supervisor.Sluice;
import dev.sluice.supervisor.SluiceBuilder;
import dev.sluice.supervisor.policy.PolicyException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// What every command that supervises is told.
public final class SupervisorOptions {
  @Option(names = "--policy", paramLabel = "FILE", description = "the policy")
  private Optional<Path> policy = Optional.empty();

  @Mixin private AuditOptions audit = new AuditOptions();

  @Option(
      names = "--plugins",
      paramLabel = "DIR",
      description = "load handlers, and places that records go to, from the jars of DIR")
  private Optional<Path> plugIns = Optional.empty();

  @Option(
      names = "--watch",
      description =
          "decide by the policy anew whenever its file changes; keep the file where what is"
              + " supervised cannot write. 'sluice reload' does so once")
  private boolean watch;

  @Option(
      names = "--shadow",
      paramLabel = "FILE",
      description =
          "with --audit: try out another policy; records say what it would have done otherwise")
  private Optional<Path> shadow = Optional.empty();

  private final List<PolicyWatch> watches = new ArrayList<>();

  /// A supervisor of that policy, without records: [#prepare] opens those once the policy is known
  /// to be right.
  ///
  /// @param command for a message, if there is none
  public SluiceBuilder builder(String command) {
    Path file =
        policy.orElseThrow(() ->
            new UsageException(
                "missing required option: '--policy=FILE'; see 'sluice " + command + " --help'"));
    return withPlugIns(Sluice.policy(file).reloadable());
  }

  /// A supervisor of a policy that is in no file.
  public SluiceBuilder builder(String name, String text) {
    return withPlugIns(Sluice.policyText(name, text));
  }

  /// One for containers, which may be under different policies.
  public SluiceBuilder builder(Optional<Path> directory) {
    if (policy.isEmpty() && directory.isEmpty()) {
      throw new UsageException("it needs --policy or --policies; see 'sluice agent --help'");
    }
    if (policy.isEmpty()) {
      return withPlugIns(Sluice.policies(directory.get()).reloadable());
    }
    var builder = Sluice.policy(policy.get()).reloadable();
    directory.ifPresent(builder::directory);
    return withPlugIns(builder);
  }

  private SluiceBuilder withPlugIns(SluiceBuilder builder) {
    plugIns.ifPresent(builder::plugIns);
    return builder;
  }

  public boolean hasPolicy() {
    return policy.isPresent();
  }

  public boolean hasAudit() {
    return audit.isPresent();
  }

  /// Makes sure that the policy is right, and opens what the records go to then. What changes from
  /// then on is noticed, if that is wanted.
  public void prepare(SluiceBuilder builder, AuditOptions.Earlier earlier) throws PolicyException {
    prepare(builder, earlier, Optional.empty());
  }

  /// The same, and a directory of policies.
  public void prepare(SluiceBuilder builder, AuditOptions.Earlier earlier, Optional<Path> directory)
      throws PolicyException {
    try {
      builder.compile();
    } catch (IllegalArgumentException e) {
      throw new UsageException(String.valueOf(e.getMessage()));
    }
    if (watch) {
      policy.flatMap(PolicyWatch::ofFile).ifPresent(watches::add);
      directory.flatMap(PolicyWatch::ofDirectory).ifPresent(watches::add);
    }
    if (shadow.isPresent()) {
      tryOut(builder, shadow.get());
    }
    audit.open(builder, plugIns, earlier);
  }

  private void tryOut(SluiceBuilder builder, Path other) throws PolicyException {
    if (!audit.isPresent()) {
      throw new UsageException("--shadow: there is no --audit that could say what is different");
    }
    Set<String> unseen = builder.shadow(other);
    if (!unseen.isEmpty()) {
      Output.say(
          "--shadow: the kernel decides some calls alone, and what the other policy would do with"
              + " them is not seen; name them under 'dynamic': "
              + String.join(", ", unseen));
    }
  }

  /// Has `sluice` read again what changes, if that is wanted.
  public void watch(Sluice sluice) {
    watches.forEach(each -> each.start(sluice));
  }

  /// The same for a command, whose policy may be decided by the kernel alone.
  public void watchForCommand(Sluice sluice) {
    if (!watch) {
      return;
    }
    if (policy.isEmpty()) {
      throw new UsageException("--watch: there is no policy to watch");
    }
    if (!sluice.policy().notifies()) {
      throw new UsageException(
          "--watch: the kernel decides all of this policy, so that nobody stays to watch it; name"
              + " the calls that may change under 'dynamic'");
    }
    watch(sluice);
  }
}
