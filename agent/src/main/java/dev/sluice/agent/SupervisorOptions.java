package dev.sluice.agent;

import dev.sluice.supervisor.Sluice;
import dev.sluice.supervisor.audit.JsonLines;
import dev.sluice.supervisor.policy.FileErrors;
import dev.sluice.supervisor.policy.PolicyException;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Option;

/// What every command that supervises is told.
final class SupervisorOptions {
  private static final Pattern SIZE = Pattern.compile("([1-9]\\d{0,8})([KMG])");

  @Option(names = "--policy", paramLabel = "FILE", description = "the policy")
  private Optional<Path> policy = Optional.empty();

  @Option(
      names = "--audit",
      paramLabel = "FILE",
      description = "write a record of every decision to FILE as JSON lines; - is standard output")
  private Optional<String> audit = Optional.empty();

  @Option(
      names = "--audit-limit",
      paramLabel = "SIZE",
      description = {
        "go on in the FILE of --audit, and in another once it has this size, such as 64M: the full"
            + " one",
        "becomes FILE.000001"
      })
  private Optional<String> auditLimit = Optional.empty();

  @Option(
      names = "--plugins",
      paramLabel = "DIR",
      description = "load the handlers in the jars of DIR")
  private Optional<Path> plugIns = Optional.empty();

  @Option(
      names = "--watch",
      description = {
        "decide by the policy anew whenever its file changes; keep the file where what is",
        "supervised cannot write. 'sluice reload' does so once"
      })
  private boolean watch;

  /// A supervisor of that policy, without records: [#prepare] opens those once the policy is known
  /// to be right.
  ///
  /// @param command for a message, if there is none
  Sluice.Builder builder(String command) {
    Path file =
        policy.orElseThrow(() ->
            new UsageException(
                "missing required option: '--policy=FILE'; see 'sluice " + command + " --help'"));
    return withPlugIns(Sluice.policy(file).reloadable());
  }

  /// A supervisor of a policy that is in no file.
  Sluice.Builder builder(String name, String text) {
    return withPlugIns(Sluice.policyText(name, text));
  }

  /// One for containers, which may be under different policies.
  Sluice.Builder builder(Optional<Path> directory) {
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

  private Sluice.Builder withPlugIns(Sluice.Builder builder) {
    plugIns.ifPresent(builder::plugIns);
    return builder;
  }

  boolean hasPolicy() {
    return policy.isPresent();
  }

  boolean hasAudit() {
    return audit.isPresent();
  }

  /// Makes sure that the policy is right, and opens the file for the records then.
  void prepare(Sluice.Builder builder) throws PolicyException {
    try {
      builder.compile();
    } catch (IllegalArgumentException e) {
      throw new UsageException(String.valueOf(e.getMessage()));
    }
    OptionalLong limit = auditLimit.map(SupervisorOptions::size).orElseGet(OptionalLong::empty);
    if (limit.isPresent() && audit.filter(file -> !file.equals("-")).isEmpty()) {
      throw new UsageException("--audit-limit is for the file of --audit");
    }
    audit.map(file -> openAudit(file, limit)).ifPresent(builder::sink);
  }

  /// Begins to watch the policy's file, if that is wanted.
  void watch(Sluice sluice) throws IOException {
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
    watch(sluice, Optional.empty());
  }

  /// The same, and a directory of policies.
  void watch(Sluice sluice, Optional<Path> directory) throws IOException {
    if (!watch) {
      return;
    }
    if (policy.isPresent()) {
      PolicyWatch.ofFile(policy.get(), sluice);
    }
    if (directory.isPresent()) {
      PolicyWatch.ofDirectory(directory.get(), sluice);
    }
  }

  private static OptionalLong size(String text) {
    Matcher matcher = SIZE.matcher(text);
    if (!matcher.matches()) {
      throw new UsageException("--audit-limit takes a size such as 64M, not '" + text + "'");
    }
    int shift =
        switch (matcher.group(2)) {
          case "K" -> 10;
          case "M" -> 20;
          default -> 30;
        };
    return OptionalLong.of(Long.parseLong(matcher.group(1)) << shift);
  }

  private static JsonLines openAudit(String file, OptionalLong limit) {
    if (file.equals("-")) {
      return new JsonLines(new FileOutputStream(FileDescriptor.out), false);
    }
    try {
      return limit.isPresent()
          ? JsonLines.rotating(Path.of(file), limit.getAsLong())
          : JsonLines.file(Path.of(file));
    } catch (IOException e) {
      throw new UsageException(
          "--audit: \"" + file + "\" cannot be written: " + FileErrors.reason(e));
    }
  }
}
