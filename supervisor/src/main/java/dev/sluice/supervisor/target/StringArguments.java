package dev.sluice.supervisor.target;

import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.NativeBytes;
import org.jspecify.annotations.Nullable;

/// Copies of the strings that registers of a call point to, each made once: a second look could
/// find another string than the one that was decided on.
final class StringArguments {
  /// linux/limits.h
  private static final int XATTR_NAME_MAX = 255;

  private final Call call;
  private final @Nullable Text[] strings = new Text[6];
  private final NativeBytes bytes = NativeBytes.allocate(PathArgument.PATH_MAX);
  private final NativeBytes xattrName = bytes.slice(0, XATTR_NAME_MAX + 1L);
  private final Text cwd = new Text();

  /// A bit for each register.
  private int read;

  private boolean cwdRead;

  StringArguments(Call call) {
    this.call = call;
  }

  void begin() {
    read = 0;
    cwdRead = false;
  }

  /// The registers of which there is a copy of what they point to, as bits.
  int copied() {
    return read;
  }

  /// What register `index` points to; empty if that is NULL. Throws [Abort]: the name of an
  /// attribute has a shorter end than other strings (ERANGE).
  Text get(int index) {
    Text text = strings[index];
    if (text == null) {
      text = new Text();
      strings[index] = text;
    }
    if ((read & 1 << index) == 0) {
      text.clear();
      long address = call.arg(index);
      if (address != 0) {
        NativeBytes to = call.name().contains("xattr") ? xattrName : bytes;
        text.set(bytes, call.memory().copyString(address, to, tooLong()));
      }
      read |= 1 << index;
    }
    return text;
  }

  /// The name of an attribute. Throws [Abort] with what the kernel says where there is none: ERANGE
  /// if it is empty or too long.
  Text xattrName(int index) {
    Text name = get(index);
    if (name.isEmpty()) {
      throw Abort.errno(call.arg(index) == 0 ? Errno.EFAULT : Errno.ERANGE);
    }
    return name;
  }

  /// What the call fails with if a string that is no path is too long.
  private Errno tooLong() {
    return switch (call.name()) {
      case "mount", "fsopen", "fsconfig" -> Errno.EINVAL;
      case String name when name.contains("xattr") -> Errno.ERANGE;
      default -> Errno.ENAMETOOLONG;
    };
  }

  /// The working directory, which another thread may change likewise.
  Text workingDirectory(NativeBytes link) {
    if (!cwdRead) {
      cwd.set(bytes, call.task().readLink(link, bytes));
      cwdRead = true;
    }
    return cwd;
  }
}
