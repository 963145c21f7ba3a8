package dev.sluice.agent.learn;

import dev.sluice.agent.terminal.Output;
import dev.sluice.supervisor.audit.AuditRecord;
import dev.sluice.supervisor.policy.FileErrors;
import dev.sluice.supervisor.policy.PolicyException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/// What is being learned while a command runs.
interface Lesson {
  void add(AuditRecord record);

  /// All of it so far: the same text as before if there was nothing new.
  String learned();

  /// Writes it where it belongs.
  void write() throws IOException, PolicyException;

  /// Puts a text in the place of a file, all of it or nothing.
  static void replace(Path file, String text) throws IOException {
    Path written = beside(file);
    Files.writeString(written, text);
    Files.move(written, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
  }

  private static Path beside(Path file) {
    return file.resolveSibling(file.getFileName() + ".new");
  }

  /// Makes sure that it can be done, before a command has run for nothing.
  static void tryToReplace(Path file) throws IOException {
    Files.writeString(beside(file), "");
    Files.delete(beside(file));
  }

  /// Writes it, and says what is wrong. Returns whether it is written.
  static boolean writeAndTell(Lesson lesson, Path output) {
    try {
      synchronized (lesson) {
        lesson.write();
      }
      Output.say("the policy is in " + output + "; look through it before you use it");
      return true;
    } catch (IOException e) {
      Output.say("\"" + output + "\" cannot be written: " + FileErrors.reason(e));
    } catch (PolicyException e) {
      e.diagnostics().forEach(each -> Output.say(each.toString()));
    } catch (IllegalArgumentException e) {
      Output.say(e.getMessage());
    }
    return false;
  }
}
