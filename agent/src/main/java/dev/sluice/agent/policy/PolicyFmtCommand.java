package dev.sluice.agent.policy;

import dev.sluice.agent.terminal.ExitStatus;
import dev.sluice.agent.terminal.Output;
import dev.sluice.supervisor.policy.FileErrors;
import dev.sluice.supervisor.policy.PolicyCompiler;
import dev.sluice.supervisor.policy.PolicyException;
import dev.sluice.supervisor.policy.format.PolicyFormatter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.AccessMode;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `sluice policy fmt`: one form for all policies.
@Command(
    name = "fmt",
    description = "Brings policies into one form, and leaves what they mean and say as it is.",
    footer = {
      "",
      "Exit status: 0; with --check, 1 if a file is not in the form; 2 if one cannot be brought"
          + " into it. That file is left as it is."
    },
    mixinStandardHelpOptions = true)
final class PolicyFmtCommand implements Callable<Integer> {
  @Parameters(arity = "1..*", paramLabel = "FILE", description = "a policy")
  private List<Path> files = List.of();

  @Option(names = "--check", description = "change nothing, but name the files that would change")
  private boolean check;

  @Override
  public Integer call() {
    int status = 0;
    for (Path file : files) {
      status = Math.max(status, format(file));
    }
    return status;
  }

  private int format(Path file) {
    try {
      String text = PolicyCompiler.read(file);
      String formatted = PolicyFormatter.format(file.toString(), text);
      boolean isInForm = formatted.equals(text);
      if (check) {
        if (!isInForm) {
          System.out.println(file);
        }
        return isInForm ? 0 : 1;
      }
      if (!Files.isRegularFile(file)) {
        System.out.print(formatted); // it came through a pipe
      } else if (!isInForm) {
        write(file.toRealPath(), formatted.getBytes(StandardCharsets.UTF_8));
      }
      return 0;
    } catch (PolicyException e) {
      e.diagnostics().forEach(System.err::println);
    } catch (IOException e) {
      Output.say("\"" + file + "\" cannot be written: " + FileErrors.reason(e));
    }
    return ExitStatus.USAGE;
  }

  /// All of it or nothing; whoever may not replace the file as it is writes into it.
  private static void write(Path file, byte[] text) throws IOException {
    file.getFileSystem().provider().checkAccess(file, AccessMode.WRITE);
    if (!replace(file, text)) {
      byte[] old = Files.readAllBytes(file);
      try {
        overwrite(file, text);
      } catch (IOException e) {
        overwrite(file, old);
        throw e;
      }
    }
  }

  private static boolean replace(Path file, byte[] text) throws IOException {
    Optional<Path> beside = beside(file);
    if (beside.isEmpty()) {
      return false;
    }
    try {
      Files.write(beside.get(), text);
      return move(beside.get(), file);
    } finally {
      Files.deleteIfExists(beside.get());
    }
  }

  private static boolean move(Path from, Path to) throws IOException {
    try {
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
      return true;
    } catch (FileSystemException e) {
      return false; // another file is mounted there, say
    }
  }

  /// Takes no more room than there is until it has to, so that the old text can always come back.
  private static void overwrite(Path file, byte[] text) throws IOException {
    try (var channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      var rest = ByteBuffer.wrap(text);
      while (rest.hasRemaining()) {
        channel.write(rest);
      }
      channel.truncate(text.length);
    }
  }

  /// An empty file in the same directory with the owner and the mode of another, if it may be made
  /// and that has no other name.
  private static Optional<Path> beside(Path file) throws IOException {
    if (Files.getAttribute(file, "unix:nlink") instanceof Integer names && names > 1) {
      return Optional.empty();
    }
    Path beside;
    try {
      beside = Files.createTempFile(file.getParent(), "policy.", ".new");
    } catch (AccessDeniedException e) {
      return Optional.empty();
    }
    try {
      PosixFileAttributes wanted = Files.readAttributes(file, PosixFileAttributes.class);
      var made = Files.getFileAttributeView(beside, PosixFileAttributeView.class);
      if (!made.readAttributes().owner().equals(wanted.owner())) {
        made.setOwner(wanted.owner());
      }
      if (!made.readAttributes().group().equals(wanted.group())) {
        made.setGroup(wanted.group());
      }
      made.setPermissions(wanted.permissions());
      return Optional.of(beside);
    } catch (IOException e) {
      Files.delete(beside);
      return Optional.empty();
    }
  }
}
