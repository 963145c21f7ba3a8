package dev.sluice.supervisor.audit.log;

import dev.sluice.supervisor.audit.Address;
import dev.sluice.supervisor.audit.Argument;
import dev.sluice.supervisor.audit.AuditRecord;
import dev.sluice.supervisor.audit.AuditRecord.NamedFile;
import dev.sluice.supervisor.audit.ByteText;
import dev.sluice.supervisor.syscall.Arch;
import dev.sluice.supervisor.syscall.Signature;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// A record as people read it: much as strace(1) writes calls.
public final class CallText {
  private CallText() {}

  /// Such as `openat(AT_FDCWD, "/etc/passwd", O_RDONLY|O_CLOEXEC) = 3`.
  public static String of(AuditRecord record) {
    return call(record) + " = " + result(record);
  }

  /// The same with who made it and what decided it, such as `cat[42] openat(AT_FDCWD, "x",
  /// O_RDONLY) = 3 allow by 'default'`.
  public static String row(AuditRecord record) {
    return record.caller().task().map(known -> known.comm().visible()).orElse("")
        + "["
        + record.tid()
        + "] "
        + of(record)
        + "  "
        + ByteText.harmless(record.action())
        + record.rule().map(rule -> " by '" + ByteText.of(rule).visible() + "'").orElse("")
        + record.shadow().map(shadow -> "  (" + ByteText.harmless(shadow.text()) + ")").orElse("");
  }

  /// The call alone.
  public static String call(AuditRecord record) {
    Signature signature =
        Arch.named(record.arch())
            .flatMap(arch -> Signature.of(arch, record.syscall()))
            .orElseGet(() -> new Signature(record.syscall(), List.of()));
    return record.arguments().stream()
        .map(argument -> argument(record, signature, argument))
        .collect(Collectors.joining(", ", ByteText.harmless(record.syscall()) + "(", ")"));
  }

  private static String argument(AuditRecord record, Signature signature, Argument argument) {
    return switch (argument.value()) {
      case Argument.Copied(ByteText text) -> text.quoted();
      case Argument.Symbolic(String text) -> ByteText.harmless(text);
      case Argument.Texts(List<ByteText> texts, boolean cut) ->
          list(texts.stream().map(ByteText::quoted), cut);
      case Argument.Buffers(List<Argument.Buffer> buffers, boolean cut) ->
          list(buffers.stream().map(CallText::buffer), cut);
      case Argument.Plain(long number) ->
          plain(record, number, signature.indexOf(argument.name()), signature);
    };
  }

  private static String list(Stream<String> parts, boolean cut) {
    return Stream.concat(parts, cut ? Stream.of("...") : Stream.empty())
        .collect(Collectors.joining(", ", "[", "]"));
  }

  private static String buffer(Argument.Buffer buffer) {
    String base =
        buffer
            .data()
            .map(data -> data.quoted() + (data.bytes().length < buffer.length() ? "..." : ""))
            .orElseGet(() -> "0x" + Long.toHexString(buffer.base()));
    return "{iov_base=" + base + ", iov_len=" + Long.toUnsignedString(buffer.length()) + "}";
  }

  private static String plain(AuditRecord record, long number, int index, Signature signature) {
    Signature.Type type =
        index < 0 ? Signature.Type.LONG : signature.parameters().get(index).type();
    boolean addressed = type == Signature.Type.SOCKADDR;
    if (addressed && number != 0 && record.address().isPresent()) {
      return "{" + record.address().map(Address::text).orElse("") + "}";
    }
    if (type.isPointer()) {
      return number == 0 ? "NULL" : "0x" + Long.toHexString(number);
    }
    return switch (type) {
      case ULONG, SIZE -> Long.toUnsignedString(number);
      default -> Long.toString(number);
    };
  }

  /// What became of it; `?` if the kernel executed it, and only the caller knows.
  public static String result(AuditRecord record) {
    return switch (record.outcome()) {
      case OBSERVED -> "?";
      case KILLED -> "? (killed)";
      case GONE -> "? (gone)";
      case REFUSED -> "-1 " + ByteText.harmless(record.errno().orElse(""));
      case PERFORMED -> record.value().map(CallText::value).orElse("0");
    };
  }

  private static String value(long value) {
    return value < -4095 || value > 1L << 32 ? "0x" + Long.toHexString(value) : "" + value;
  }

  /// What the call is about: its paths or its address; empty if it has neither.
  public static String object(AuditRecord record) {
    String paths =
        record.paths().stream()
            .map(NamedFile::path)
            .map(ByteText::quoted)
            .collect(Collectors.joining(" "));
    return paths.isEmpty() ? record.address().map(Address::text).orElse("") : paths;
  }
}
