package dev.sluice.supervisor.audit.log;

import dev.sluice.supervisor.audit.Argument;
import dev.sluice.supervisor.audit.ByteText;
import dev.sluice.supervisor.syscall.Arch;
import dev.sluice.supervisor.syscall.Signature;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Reads the decoded arguments of a call. What is wrong throws [IllegalArgumentException].
final class ArgumentReader {
  private static final String HEX = "_hex";
  private static final String CUT = "_cut";

  private ArgumentReader() {}

  static List<Argument> read(String arch, String syscall, Members members) {
    Signature signature =
        Arch.named(arch)
            .flatMap(known -> Signature.of(known, syscall))
            .orElseGet(() -> new Signature(syscall, List.of()));
    var arguments = new ArrayList<Argument>();
    for (String name : members.all().keySet()) {
      if (!name.endsWith(HEX) && !name.endsWith(CUT)) {
        arguments.add(new Argument(name, value(name, signature.indexOf(name), signature, members)));
      }
    }
    return List.copyOf(arguments);
  }

  private static Argument.Value value(
      String name, int index, Signature signature, Members members) {
    return switch (members.all().get(name)) {
      case Long number -> new Argument.Plain(number);
      case List<?> list when list.stream().allMatch(String.class::isInstance) ->
          new Argument.Texts(texts(name, list, members), members.truth(name + CUT));
      case List<?> list ->
          new Argument.Buffers(
              list.stream().map(each -> buffer(name, each)).toList(), members.truth(name + CUT));
      case null, default ->
          index >= 0 && isText(signature.parameters().get(index).type())
              ? new Argument.Copied(members.text(name))
              : new Argument.Symbolic(members.string(name));
    };
  }

  private static List<ByteText> texts(String name, List<?> list, Members members) {
    if (!members.has(name + HEX)) {
      return list.stream().map(each -> ByteText.of((String) each)).toList();
    }
    return members.list(name + HEX).stream()
        .map(each -> new ByteText(HexFormat.of().parseHex(String.valueOf(each))))
        .toList();
  }

  @SuppressWarnings("unchecked")
  private static Argument.Buffer buffer(String name, Object each) {
    if (!(each instanceof Map<?, ?> map)) {
      throw new IllegalArgumentException("'" + name + "' is no list of buffers");
    }
    var members = new Members((Map<String, Object>) map);
    return new Argument.Buffer(
        members.hex("iov_base"),
        members.number("iov_len"),
        members.has("data") ? Optional.of(members.text("data")) : Optional.empty());
  }

  private static boolean isText(Signature.Type type) {
    return type == Signature.Type.PATH || type == Signature.Type.STRING;
  }
}
