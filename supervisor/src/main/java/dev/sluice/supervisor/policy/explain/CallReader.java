package dev.sluice.supervisor.policy.explain;

import dev.sluice.supervisor.bpf.SeccompData;
import dev.sluice.supervisor.policy.Suggestion;
import dev.sluice.supervisor.policy.condition.PathAnchor;
import dev.sluice.supervisor.policy.explain.DescribedCall.Argument;
import dev.sluice.supervisor.syscall.Arch;
import dev.sluice.supervisor.syscall.Signature;
import dev.sluice.supervisor.syscall.Signature.Parameter;
import dev.sluice.supervisor.target.CallKind;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Makes a call of the words that describe it: values in the order of the parameters, or
/// `NAME=VALUE` under the names of the manual page or of conditions.
public final class CallReader {
  private static final Pattern NAMED = Pattern.compile("([a-z_][a-z_0-9]*|args\\[\\d])=(.*)");
  private static final String ADDRESS = "address";

  /// The register with the address, or with the message that has it.
  static final Map<String, Integer> ADDRESSES =
      Map.of("connect", 1, "bind", 1, "sendto", 4, "sendmsg", 1, "sendmmsg", 1);

  /// Where an address lies does not matter, but it lies somewhere.
  private static final long SOMEWHERE = 0x1000;

  private static final Pattern REGISTER = Pattern.compile("args\\[([0-5])]");

  private final CallKind kind;
  private final Map<String, Integer> names = new LinkedHashMap<>();
  private final @Nullable Argument[] arguments = new @Nullable Argument[SeccompData.ARGS];
  private final Map<String, Argument> openHow = new HashMap<>();
  private final BitSet given = new BitSet();
  private int next;

  private CallReader(CallKind kind) {
    this.kind = kind;
    kind.paths().forEach(path -> names.put(path.variable(), path.path()));
    List<Parameter> parameters = kind.signature().parameters();
    for (int i = 0; i < parameters.size(); i++) {
      names.putIfAbsent(parameters.get(i).name(), i);
    }
    if (ADDRESSES.containsKey(kind.name())) {
      names.put(ADDRESS, ADDRESSES.get(kind.name()));
    }
    if (kind.name().equals("mount")) {
      names.put("fstype", 2);
      names.put("flags", 3);
    }
  }

  /// Throws [IllegalArgumentException], saying what is wrong with the words.
  ///
  /// @param home what `~` stands for
  public static DescribedCall read(
      Arch arch, String call, List<String> words, DescribedTask task, String home) {
    CallKind kind =
        CallKind.named(arch, call)
            .orElseThrow(() ->
                new IllegalArgumentException(
                    "there is no system call '"
                        + call
                        + "' on "
                        + ArchName.of(arch)
                        + Suggestion.didYouMean(call, arch.numbers().keySet())));
    var reader = new CallReader(kind);
    words.forEach(reader::word);
    return new DescribedCall(kind, reader.arguments, reader.openHow, task, home);
  }

  private void word(String word) {
    Matcher matcher = NAMED.matcher(word);
    if (matcher.matches()) {
      named(matcher.group(1), matcher.group(2));
      return;
    }
    List<Parameter> parameters = kind.signature().parameters();
    if (next == parameters.size()) {
      throw new IllegalArgumentException(
          "'" + word + "' is one too many: " + kind.name() + " takes " + parameterList());
    }
    set(next, parameters.get(next).name(), word);
    next++;
  }

  private void named(String name, String value) {
    OptionalInt register = registerOf(name);
    if (register.isPresent()) {
      set(register.getAsInt(), name, value);
    } else if (isOpenHow() && (name.equals("flags") || name.equals("mode"))) {
      openHow.put(name, number(name, Signature.Type.ULONG, value));
    } else {
      throw new IllegalArgumentException(
          kind.name()
              + " has no '"
              + name
              + "'"
              + Suggestion.closest(name, names.keySet())
                  .map(best -> "; did you mean '" + best + "'?")
                  .orElse("; it takes " + parameterList()));
    }
  }

  private boolean isOpenHow() {
    return kind.name().equals("openat2");
  }

  private OptionalInt registerOf(String name) {
    Matcher register = REGISTER.matcher(name);
    if (register.matches()) {
      return OptionalInt.of(Integer.parseInt(register.group(1)));
    }
    Integer known = names.get(name);
    return known == null ? OptionalInt.empty() : OptionalInt.of(known);
  }

  private String parameterList() {
    List<String> parameters = kind.signature().parameters().stream().map(Parameter::name).toList();
    return parameters.isEmpty() ? "no arguments" : String.join(", ", parameters);
  }

  private void set(int register, String name, String value) {
    if (given.get(register)) {
      throw new IllegalArgumentException("'" + name + "' is given twice");
    }
    given.set(register);
    Signature.Type type =
        name.startsWith("args[") || register >= kind.signature().parameters().size()
            ? Signature.Type.ULONG
            : kind.signature().parameters().get(register).type();
    arguments[register] =
        switch (type) {
          case PATH -> {
            var _ = PathAnchor.path(value);
            yield text(value);
          }
          case STRING -> text(value);
          case OPEN_HOW -> {
            // as people write it, without a struct
            openHow.put("flags", number("flags", Signature.Type.ULONG, value));
            yield null;
          }
          case SOCKADDR -> address(value);
          case POINTER -> name.equals(ADDRESS) ? address(value) : pointer(name, value);
          default -> number(name, type, value);
        };
  }

  private static Argument text(String value) {
    return value.equals("NULL")
        ? new Argument(value, Optional.of(0L), Optional.empty())
        : new Argument(value, Optional.empty(), Optional.of(value));
  }

  private static Argument address(String value) {
    if (value.equals("NULL")) {
      return new Argument(value, Optional.of(0L), Optional.empty());
    }
    var _ = AddressReader.read(value);
    return new Argument(value, Optional.of(SOMEWHERE), Optional.of(value));
  }

  private Argument pointer(String name, String value) {
    if (value.equals("NULL")) {
      return new Argument(value, Optional.of(0L), Optional.empty());
    }
    return number(name, Signature.Type.POINTER, value);
  }

  private Argument number(String name, Signature.Type type, String value) {
    long number = Numbers.parse(name, value, kind.arch());
    boolean narrow = type.isInt() || !kind.arch().is64Bit();
    if (narrow && (number < Integer.MIN_VALUE || number > 0xffff_ffffL)) {
      throw new IllegalArgumentException("'" + name + "' has 32 bits: " + value);
    }
    return new Argument(value, Optional.of(number), Optional.empty());
  }
}
