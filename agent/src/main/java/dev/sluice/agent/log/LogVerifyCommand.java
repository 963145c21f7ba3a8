package dev.sluice.agent.log;

import dev.sluice.agent.terminal.Output;
import dev.sluice.supervisor.audit.log.Verification;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `sluice log verify`: whether a log is whole.
@Command(
    name = "verify",
    description =
        "Proves that nothing of a log was cut, changed or moved, or says where it was. Files that"
            + " took each other's place are given in order: FILE.000001 FILE.000002 FILE.",
    footer = {
      "",
      "Exit status: 0 if the log is whole, 1 if it is not, or may not be; 2 for wrong usage."
    },
    mixinStandardHelpOptions = true)
final class LogVerifyCommand implements Callable<Integer> {
  @Parameters(arity = "1..*", paramLabel = "FILE", description = "the files of the log, in order")
  private List<Path> files = List.of();

  @Option(
      names = "--expect",
      paramLabel = "HASH",
      description = "the last hash, as an earlier verification has printed it")
  private Optional<String> expected = Optional.empty();

  @Override
  public Integer call() {
    var verification = new Verification();
    for (Path file : files) {
      try {
        verification.read(file);
      } catch (IOException e) {
        throw LogOptions.unreadable(file, e);
      }
    }
    var findings = verification.findings();
    findings.forEach(finding -> Output.line(finding.toString()));
    verification.sessions().forEach(Output::line);
    boolean other =
        expected.isPresent() && !verification.lastHashes().containsValue(expected.get());
    if (other) {
      Output.line("no session has the hash " + expected.get());
    }
    if (verification.sessions().isEmpty()) {
      Output.line("there are no records");
    }
    return findings.isEmpty() && !other && !verification.sessions().isEmpty() ? 0 : 1;
  }
}
