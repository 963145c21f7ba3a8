package dev.sluice.supervisor.policy;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// Texts in double quotes, as a condition has them: no two look alike.
public final class Quoted {
  private Quoted() {}

  public static String of(String text) {
    return of(text.getBytes(StandardCharsets.UTF_8));
  }

  /// @param bytes UTF-8, or not: then those that are not ASCII are shown one by one
  public static String of(byte[] bytes) {
    String text = new String(bytes, StandardCharsets.UTF_8);
    boolean isUtf8 = Arrays.equals(text.getBytes(StandardCharsets.UTF_8), bytes);
    var quoted = new StringBuilder(bytes.length + 2).append('"');
    (isUtf8 ? text : new String(bytes, StandardCharsets.ISO_8859_1))
        .codePoints()
        .forEach(point -> {
          switch (point) {
            case '"', '\\' -> quoted.append('\\').appendCodePoint(point);
            case '\n' -> quoted.append("\\n");
            default -> {
              boolean isShown = isUtf8 ? point >= ' ' && point != 0x7f : isPrintable(point);
              if (isShown) {
                quoted.appendCodePoint(point);
              } else {
                quoted.append("\\x%02x".formatted(point));
              }
            }
          }
        });
    return quoted.append('"').toString();
  }

  /// In ASCII.
  private static boolean isPrintable(int point) {
    return point >= ' ' && point < 0x7f;
  }
}
