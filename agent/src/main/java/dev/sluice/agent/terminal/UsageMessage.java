package dev.sluice.agent.terminal;

import dev.sluice.supervisor.policy.Suggestion;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/// What is wrong with a command line, in one line.
public final class UsageMessage {
  private UsageMessage() {}

  public static String of(ParameterException e) {
    CommandLine command = e.getCommandLine();
    return whatIsWrong(e, command)
        + "; see '"
        + command.getCommandSpec().qualifiedName()
        + " --help'";
  }

  private static String whatIsWrong(ParameterException e, CommandLine command) {
    List<String> unmatched = command.getUnmatchedArguments();
    if (!unmatched.isEmpty()) {
      // picocli would rather complain of what is missing then
      return unmatched(unmatched.getFirst(), command);
    }
    String message = String.valueOf(e.getMessage());
    return message.substring(0, 1).toLowerCase(Locale.ROOT) + message.substring(1);
  }

  private static String unmatched(String word, CommandLine command) {
    Set<String> commands = command.getSubcommands().keySet();
    if (word.startsWith("-")) {
      String option = word.split("=", 2)[0];
      return "unknown option '"
          + option
          + "'"
          + suggestion(option, command.getCommandSpec().optionsMap().keySet());
    }
    return commands.isEmpty()
        ? "unexpected argument '" + word + "'"
        : "there is no command '" + word + "'" + suggestion(word, commands);
  }

  private static String suggestion(String word, Set<String> known) {
    return Suggestion.closest(word, known).map(best -> ", did you mean '" + best + "'?").orElse("");
  }
}
