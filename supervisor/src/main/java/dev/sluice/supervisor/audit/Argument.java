package dev.sluice.supervisor.audit;

import java.util.List;
import java.util.Optional;

/// One argument of a call, decoded.
///
/// @param name of the parameter, as in the manual page; `how.flags` for a member of a structure
public record Argument(String name, Value value) {
  public sealed interface Value {}

  /// A number, or a pointer to what was not copied.
  public record Plain(long number) implements Value {}

  /// Names of the kernel's headers, such as `O_WRONLY|O_CREAT`, or a number as people write it,
  /// such as `0644`.
  public record Symbolic(String text) implements Value {}

  /// What the argument points to.
  public record Copied(ByteText text) implements Value {}

  /// The strings it points to.
  ///
  /// @param cut whether there were more, or the last of them is longer
  public record Texts(List<ByteText> texts, boolean cut) implements Value {}

  /// The buffers it points to (`struct iovec`).
  ///
  /// @param cut whether there were more
  public record Buffers(List<Buffer> buffers, boolean cut) implements Value {}

  /// @param base its address
  /// @param length in bytes
  /// @param data what it begins with, if the call reads it
  public record Buffer(long base, long length, Optional<ByteText> data) {}
}
