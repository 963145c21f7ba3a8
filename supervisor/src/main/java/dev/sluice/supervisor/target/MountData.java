package dev.sluice.supervisor.target;

import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The options of mount(2), up to a page of bytes: nothing stands for NULL. One may be the number
/// of a descriptor (fuse(4)), which is another one for whoever makes the call for a target.
///
/// @param head what is before the number, or everything
/// @param descriptor the target's number, or -1 if there is none
/// @param tail what is behind the number
public record MountData(String head, int descriptor, String tail) {
  private static final Pattern DESCRIPTOR = Pattern.compile("(?:^|,)fd=(\\d{1,9})(?=,|\0|$)");

  /// Without a descriptor.
  public static MountData of(byte[] bytes) {
    return new MountData(new String(bytes, StandardCharsets.ISO_8859_1), -1, "");
  }

  /// With the one that is there, if any.
  public static MountData ofFuse(byte[] bytes) {
    var text = new String(bytes, StandardCharsets.ISO_8859_1);
    Matcher matcher = DESCRIPTOR.matcher(text);
    return matcher.find()
        ? new MountData(
            text.substring(0, matcher.start(1)),
            Integer.parseInt(matcher.group(1)),
            text.substring(matcher.end(1)))
        : of(bytes);
  }

  /// The same with our number for the descriptor.
  public MountData withDescriptor(int ours) {
    return new MountData(head, ours, tail);
  }

  /// The bytes, with this number for the descriptor.
  public byte[] bytes(int number) {
    String all = descriptor < 0 ? head : head + number + tail;
    return all.getBytes(StandardCharsets.ISO_8859_1);
  }
}
