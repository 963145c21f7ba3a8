package dev.sluice.agent.policy;

import dev.sluice.agent.options.PolicyOptions;
import dev.sluice.agent.terminal.UsageException;
import dev.sluice.supervisor.bpf.Disassembler;
import dev.sluice.supervisor.kernel.Terminal;
import dev.sluice.supervisor.policy.CompiledPolicy;
import dev.sluice.supervisor.policy.FileErrors;
import dev.sluice.supervisor.policy.PolicyException;
import dev.sluice.supervisor.policy.inspect.CSource;
import dev.sluice.supervisor.policy.oci.LxcWriter;
import dev.sluice.supervisor.policy.oci.OciWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `sluice policy compile`: the filter of a policy, in one form or another.
@Command(
    name = "compile",
    description = "Writes the filter of a policy.",
    mixinStandardHelpOptions = true)
final class PolicyCompileCommand implements Callable<Integer> {
  private static final int STANDARD_OUTPUT = 1;
  private static final String LXC_SOCKET = "/run/sluice/lxc.sock";

  private enum Format {
    asm,
    bpf,
    c,
    oci,
    lxc
  }

  @Parameters(paramLabel = "FILE", description = "the policy")
  private Path file = Path.of("");

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      description =
          "asm (text, the default), bpf (struct sock_filter as bytes), c (an array), oci (a"
              + " seccomp profile for container runtimes) or lxc (one for LXC; with --output, the"
              + " lines of a container's configuration are printed that go with it)")
  private Format format = Format.asm;

  @Option(names = "--output", paramLabel = "FILE", description = "where to; - is standard output")
  private Optional<Path> output = Optional.empty();

  @Option(
      names = "--lxc",
      paramLabel = "PATH",
      description = "for lxc: what the agent has as --lxc; " + LXC_SOCKET + " if not given")
  private Optional<Path> lxc = Optional.empty();

  @Option(
      names = "--runtime",
      paramLabel = "PROGRAM",
      description =
          "for oci: the runtime, such as runc or crun, is asked whether it can install a filter"
              + " whose calls no signal interrupts; only then can rules decide by path what a"
              + " container executes")
  private Optional<String> runtime = Optional.empty();

  @Option(
      names = "--wait-killable",
      description =
          "for oci: the runtime can (crun 1.6, runc 1.5 with libseccomp 2.6), and is not here to be"
              + " asked")
  private boolean waitKillable;

  @Mixin private PolicyOptions options = new PolicyOptions();

  @Override
  public Integer call() throws PolicyException {
    if (format == Format.bpf && isStandardOutput() && Terminal.isTerminal(STANDARD_OUTPUT)) {
      throw new UsageException(
          "bpf is binary, and standard output is a terminal: give --output FILE");
    }
    if (lxc.isPresent() && format != Format.lxc) {
      throw new UsageException("--lxc is for --format lxc");
    }
    if ((runtime.isPresent() || waitKillable) && format != Format.oci) {
      throw new UsageException(
          (waitKillable ? "--wait-killable" : "--runtime") + " is for --format oci");
    }
    CompiledPolicy policy =
        isForContainers() ? options.compileForContainers(file) : options.compile(file);
    byte[] compiled =
        switch (format) {
          case asm -> bytes(Disassembler.disassemble(policy.filter()));
          case bpf -> policy.filter().toBytes();
          case c -> bytes(CSource.of(policy));
          case oci -> bytes(profile(policy));
          case lxc -> bytes(LxcWriter.write(policy).text());
        };
    if (isStandardOutput()) {
      System.out.write(compiled, 0, compiled.length);
      System.out.flush();
    } else {
      write(output.orElseThrow(), compiled);
      if (format == Format.lxc) {
        System.out.print(configuration(LxcWriter.write(policy)));
      }
    }
    return 0;
  }

  private String profile(CompiledPolicy policy) throws PolicyException {
    boolean killable =
        waitKillable || runtime.filter(ContainerRuntime::knowsWaitKillable).isPresent();
    OciWriter.Profile profile = OciWriter.write(policy, killable);
    profile.warnings().forEach(System.err::println);
    return profile.json();
  }

  /// What `lxc.container.conf` has to say besides.
  private String configuration(LxcWriter.Profile profile) {
    String name = file.getFileName().toString().replaceFirst("\\.(ya?ml|json)$", "");
    return "lxc.seccomp.profile = "
        + output.orElseThrow().toAbsolutePath()
        + '\n'
        + (profile.notifies()
            ? "lxc.seccomp.notify.proxy = unix:%s%nlxc.seccomp.notify.cookie = %s%n"
                .formatted(lxc.map(Path::toString).orElse(LXC_SOCKET), name)
            : "");
  }

  private boolean isForContainers() {
    return format == Format.oci || format == Format.lxc;
  }

  private boolean isStandardOutput() {
    return output.isEmpty() || output.get().toString().equals("-");
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static void write(Path file, byte[] bytes) {
    try {
      Files.write(file, bytes);
    } catch (IOException e) {
      throw new UsageException(
          "--output: \"" + file + "\" cannot be written: " + FileErrors.reason(e));
    }
  }
}
