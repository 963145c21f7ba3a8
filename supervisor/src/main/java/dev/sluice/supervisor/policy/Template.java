package dev.sluice.supervisor.policy;

import dev.sluice.supervisor.machine.MachineFile;
import dev.sluice.supervisor.target.Task;
import dev.sluice.supervisor.target.TaskView;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/// The content of a file that a rule serves: text, and facts about whoever opens it.
///
/// `${vars.NAME}` is a constant of the policy, `${NAME}` the environment's, `${task.uid}` and its
/// like are the caller's; `${machine.meminfo}` and its like are files about the machine as the
/// caller's container has it ([MachineFile]); `$${` stands for `${`.
public final class Template {
  private static final Pattern NAME = Pattern.compile("\\$\\$\\{|\\$\\{([^}]*)}");
  private static final Pattern VARIABLE = Pattern.compile("\\w+");
  private static final String VARS = "vars.";
  private static final String MACHINE = "machine.";
  private static final int SHORT = 60;

  /// What a template may say of the caller.
  private enum Fact {
    UID,
    GID,
    PID,
    TID,
    COMM,
    EXE;

    @Override
    public String toString() {
      return "task." + name().toLowerCase(Locale.ROOT);
    }

    byte[] of(TaskView task) {
      return switch (this) {
        case UID -> ascii(Integer.toUnsignedString(task.uid()));
        case GID -> ascii(Integer.toUnsignedString(task.gid()));
        case PID -> ascii(Integer.toString(task.tgid()));
        case TID -> ascii(Integer.toString(task.tid()));
        case COMM -> task.comm().toBytes();
        case EXE -> task.exe().toBytes();
      };
    }

    private static byte[] ascii(String number) {
      return number.getBytes(StandardCharsets.US_ASCII);
    }
  }

  private sealed interface Part {
    record Bytes(byte[] bytes) implements Part {}

    record OfTask(Fact fact) implements Part {}

    record OfMachine(MachineFile file) implements Part {}
  }

  private final List<Part> parts;

  private Template(List<Part> parts) {
    this.parts = List.copyOf(parts);
  }

  /// Content that is always the same.
  public static Template of(byte[] content) {
    return new Template(List.of(new Part.Bytes(content.clone())));
  }

  /// Throws [IllegalArgumentException] saying which name is unknown.
  static Template parse(String text, Map<String, String> vars, Map<String, String> environment) {
    var parts = new ArrayList<Part>();
    var constant = new StringBuilder();
    Matcher matcher = NAME.matcher(text);
    int end = 0;
    while (matcher.find()) {
      constant.append(text, end, matcher.start());
      end = matcher.end();
      String name = matcher.group(1);
      Optional<Part> part = ofCaller(name);
      if (part.isPresent()) {
        parts.add(bytes(constant.toString()));
        parts.add(part.get());
        constant.setLength(0);
      } else {
        constant.append(name == null ? "${" : value(name, vars, environment));
      }
    }
    parts.add(bytes(constant.append(text, end, text.length()).toString()));
    return new Template(parts);
  }

  private static Part bytes(String text) {
    return new Part.Bytes(text.getBytes(StandardCharsets.UTF_8));
  }

  /// What is found out when the file is opened.
  private static Optional<Part> ofCaller(@Nullable String name) {
    if (name == null) {
      return Optional.empty();
    }
    Optional<Part> fact =
        Arrays.stream(Fact.values())
            .filter(candidate -> candidate.toString().equals(name))
            .<Part>map(Part.OfTask::new)
            .findFirst();
    return name.startsWith(MACHINE)
        ? MachineFile.named(name.substring(MACHINE.length())).map(Part.OfMachine::new)
        : fact;
  }

  private static String value(
      String name, Map<String, String> vars, Map<String, String> environment) {
    boolean ofPolicy = name.startsWith(VARS);
    String value = ofPolicy ? vars.get(name.substring(VARS.length())) : environment.get(name);
    if (value != null) {
      return value;
    }
    if (VARIABLE.matcher(name).matches()) {
      throw new IllegalArgumentException("the environment has no variable " + name);
    }
    List<String> known =
        Stream.of(
                vars.keySet().stream().map(VARS::concat),
                Arrays.stream(Fact.values()).map(Fact::toString),
                MachineFile.names().stream().map(MACHINE::concat))
            .flatMap(names -> names)
            .toList();
    throw new IllegalArgumentException(
        "a template cannot name '"
            + name
            + "'"
            + Suggestion.closest(name, known)
                .map(best -> "; did you mean '" + best + "'?")
                .orElse("; it can name " + String.join(", ", known)));
  }

  /// Whether it is the same for every caller.
  public boolean isConstant() {
    return parts.stream().allMatch(part -> part instanceof Part.Bytes);
  }

  /// The content for a caller.
  public byte[] bytesFor(TaskView task) {
    var bytes = new ByteArrayOutputStream();
    for (Part part : parts) {
      bytes.writeBytes(
          switch (part) {
            case Part.Bytes(byte[] constant) -> constant;
            case Part.OfTask(Fact fact) -> fact.of(task);
            // a caller that only a test describes has no container
            case Part.OfMachine(MachineFile file) ->
                task instanceof Task real ? file.contentFor(real) : source(part);
          });
    }
    return bytes.toByteArray();
  }

  private static byte[] source(Part part) {
    Object name =
        switch (part) {
          case Part.Bytes _ -> "";
          case Part.OfTask(Fact fact) -> fact;
          case Part.OfMachine(MachineFile file) -> MACHINE + file;
        };
    return ("${" + name + "}").getBytes(StandardCharsets.UTF_8);
  }

  /// In a few words: what it is, if that is short, or what tells it from another.
  @Override
  public String toString() {
    var source = new ByteArrayOutputStream();
    for (Part part : parts) {
      source.writeBytes(
          switch (part) {
            case Part.Bytes(byte[] constant) -> constant;
            default -> source(part);
          });
    }
    String text = source.toString(StandardCharsets.UTF_8);
    if (text.length() <= SHORT && text.chars().allMatch(c -> c == '\n' || (c >= ' ' && c < 0x7f))) {
      return Quoted.of(text);
    }
    var checksum = new CRC32();
    checksum.update(source.toByteArray());
    return "%d bytes, CRC-32 %08x".formatted(source.size(), checksum.getValue());
  }
}
