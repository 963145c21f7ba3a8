package dev.sluice.supervisor.policy.oci;

import dev.sluice.supervisor.CProgram;
import dev.sluice.supervisor.bpf.Program;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;

/// What libseccomp makes of profiles: `src/test/c/libseccomp.c`, fed as container runtimes do it.
final class Libseccomp {
  static final int AS_A_LIST = 1;
  static final int AS_A_TREE = 2;

  sealed interface Answer {
    record Made(Program program) implements Answer {}

    /// Why not, and the number of the rule.
    record Refused(int errno, int rule) implements Answer {}

    /// libseccomp crashed, or did not come back.
    record Died(int signal) implements Answer {}
  }

  private Libseccomp() {}

  /// The request for a profile.
  ///
  /// @param optimize `SCMP_FLTATR_CTL_OPTIMIZE`
  static String request(Profile profile, int optimize) {
    var text = new StringBuilder();
    text.append("profile %x %d\n".formatted(profile.defaultAction(), optimize));
    profile.architectures().forEach(arch -> text.append("arch %x\n".formatted(arch.audit())));
    if (profile.x32()) {
      text.append("arch 4000003e\n");
    }
    for (ProfileRule rule : profile.rules()) {
      for (ProfileRule.Name name : rule.names()) {
        for (List<Argument> arguments : rule.alternatives()) {
          text.append("rule %x %s%s\n".formatted(rule.action(), name.text(), words(arguments)));
        }
      }
    }
    return text.append("end\n").toString();
  }

  private static String words(List<Argument> arguments) {
    var words = new StringBuilder();
    for (Argument argument : arguments) {
      boolean masked = argument.operator() == Operator.MASKED_EQ;
      words.append(
          String.format(
              Locale.ROOT,
              " %d %d %x %x",
              argument.index(),
              List.of(Operator.values()).indexOf(argument.operator()) + 1,
              masked ? argument.mask() : argument.constant(),
              masked ? argument.constant() : 0));
    }
    return words.toString();
  }

  /// Compiled when it is first started.
  private static final class Compiled {
    static final CProgram PROGRAM = CProgram.named("libseccomp", "-lseccomp");
  }

  static Process start() {
    return Compiled.PROGRAM.start();
  }

  static List<Answer> answer(List<String> requests) {
    return answer(start(), requests);
  }

  static List<Answer> answer(Process process, List<String> requests) {
    var writer =
        new Thread(() -> {
          try (var stream = process.getOutputStream()) {
            for (String request : requests) {
              stream.write(request.getBytes(StandardCharsets.UTF_8));
            }
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
    writer.start();
    var answers = new ArrayList<Answer>();
    process.inputReader().lines().map(Libseccomp::parse).forEach(answers::add);
    return answers;
  }

  private static Answer parse(String line) {
    String[] words = line.split(" ", -1);
    return switch (words[0]) {
      case "refused" -> new Answer.Refused(Integer.parseInt(words[1]), Integer.parseInt(words[2]));
      case "died" -> new Answer.Died(Integer.parseInt(words[1]));
      default -> new Answer.Made(Program.ofBytes(HexFormat.of().parseHex(line)));
    };
  }
}
