package dev.sluice.agent.policy;

import dev.sluice.agent.control.JsonValues;
import dev.sluice.agent.terminal.UsageException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// An OCI runtime that is installed here, asked what it can do: by `features`, which runc and youki
/// know, or, as crun's does not tell its flags, by its version.
final class ContainerRuntime {
  private static final String WAIT_KILLABLE = "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV";

  /// From 1.6 on, crun knows that flag.
  private static final Pattern CRUN =
      Pattern.compile("crun version (\\d+)\\.(\\d+).*", Pattern.DOTALL);

  private static final int CRUN_MAJOR = 1;
  private static final int CRUN_MINOR = 6;
  private static final int MAX_SIZE = 1 << 20;

  private ContainerRuntime() {}

  /// Whether `program` installs filters with SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV if a profile
  /// says so. Another would start no container then.
  static boolean knowsWaitKillable(String program) {
    Matcher crun = CRUN.matcher(output(program, "--version"));
    if (crun.matches()) {
      int major = Integer.parseInt(crun.group(1));
      int minor = Integer.parseInt(crun.group(2));
      return major > CRUN_MAJOR || (major == CRUN_MAJOR && minor >= CRUN_MINOR);
    }
    try {
      Map<?, ?> features = JsonValues.object(output(program, "features"));
      return features.get("linux") instanceof Map<?, ?> linux
          && linux.get("seccomp") instanceof Map<?, ?> seccomp
          && seccomp.get("supportedFlags") instanceof List<?> flags
          && flags.contains(WAIT_KILLABLE);
    } catch (IllegalArgumentException e) {
      return false; // one that has no such command
    }
  }

  private static String output(String program, String argument) {
    try {
      Process process =
          new ProcessBuilder(program, argument)
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      process.getOutputStream().close();
      byte[] said = process.getInputStream().readNBytes(MAX_SIZE);
      process.destroy(); // what says more is no runtime
      return new String(said, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UsageException("--runtime: '" + program + "' cannot be executed");
    }
  }
}
