package dev.sluice.supervisor.handler;

import dev.sluice.supervisor.policy.Action.Ask.Remember;
import dev.sluice.supervisor.target.Call;
import dev.sluice.supervisor.target.OpenRequest;
import dev.sluice.supervisor.target.SocketAddress;
import dev.sluice.supervisor.target.Text;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;
import java.util.StringJoiner;

/// What somebody is asked about a call: all that the answer is to be about.
///
/// @param text such as `cat (12): openat to read /etc/hosts?`
/// @param key what the answer is remembered by; empty if it is for this call alone
record Question(String text, Optional<String> key) {
  static Question of(Call call, Remember remember) {
    String deed =
        switch (call.name()) {
          case "open", "openat", "openat2", "creat" -> call.name() + access(call.open());
          default -> call.name();
        };
    var objects = new StringBuilder();
    // nothing that is printable stands between two names, or one call could pass for another
    var key = new StringBuilder(deed);
    for (int i = 0; i < call.pathCount(); i++) {
      String path = printable(call.canonicalPath(i));
      objects.append(' ').append(path);
      key.append('\n').append(upTo(remember, path));
    }
    if (SocketAddress.isOf(call.name()) && call.address().isGiven()) {
      objects.append(' ').append(text(call.address(), call));
      key.append('\n').append(key(call.address(), call, remember));
    }
    String name = printable(Text.of(call.task().status().name()));
    String text = name + " (" + call.tid() + "): " + deed + objects + "?";
    boolean isRemembered = remember != Remember.NOTHING && !objects.isEmpty();
    return new Question(text, isRemembered ? Optional.of(key.toString()) : Optional.empty());
  }

  private static String upTo(Remember remember, String path) {
    int end = remember == Remember.DIRECTORY ? path.lastIndexOf('/') : path.length();
    return path.substring(0, Math.max(end, 0));
  }

  /// A yes to a look at a file is none to its being emptied.
  private static String access(OpenRequest open) {
    var access = new StringJoiner(" and ", " to ", "").setEmptyValue("");
    if (open.reads()) {
      access.add("read");
    }
    if (open.writes()) {
      access.add("write");
    }
    return access.toString();
  }

  private static String text(SocketAddress address, Call call) {
    String family = address.family().toString();
    return switch (family) {
      case "unix" -> "unix " + printable(call.addressPath());
      case "inet" -> address.ip() + ":" + address.port();
      case "inet6" -> "[" + address.ip() + "]:" + address.port();
      default ->
          address.port() == SocketAddress.NO_PORT ? family : family + " port " + address.port();
    };
  }

  /// All of it: not every part of every family's is in the text.
  private static String key(SocketAddress address, Call call, Remember remember) {
    if (address.isFile()) {
      return upTo(remember, printable(call.addressPath()));
    }
    var bytes = new byte[address.length()];
    address.raw().get(0, bytes, 0, bytes.length);
    return HexFormat.of().formatHex(bytes);
  }

  /// A name is chosen by the target: it must not speak to a terminal, and not look like another.
  private static String printable(Text text) {
    var printable = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      int value = Byte.toUnsignedInt(text.at(i));
      if (value >= ' ' && value < 0x7f && value != '\\') {
        printable.append((char) value);
      } else {
        printable.append(String.format(Locale.ROOT, "\\x%02x", value));
      }
    }
    return printable.toString();
  }
}
