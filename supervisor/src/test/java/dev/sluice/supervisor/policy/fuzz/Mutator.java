package dev.sluice.supervisor.policy.fuzz;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// Makes of texts others that are nearly like them: by their bytes, words, lines and brackets.
final class Mutator {
  private static final Pattern WORDS = Pattern.compile("[\\w.]+|\\s+|.", Pattern.DOTALL);

  private static final List<String> NUMBERS =
      List.of(
          "0",
          "-1",
          "4294967296",
          "9223372036854775807",
          "-9223372036854775808",
          "18446744073709551615u",
          "99999999999999999999999",
          "0x",
          "0777",
          "1e999",
          ".inf");

  private static final List<String> ODDITIES =
      List.of(
          "\0",
          "\ufeff",
          "\r\n",
          "\r",
          "\t",
          "\u2028",
          "\u0085",
          "\"\\0\"",
          "\"\\ud800\"",
          "é",
          "𝄞",
          "&a ",
          "*a",
          "<<: ",
          "? ",
          "!!int ",
          "!!binary ",
          "|",
          ">-",
          "---\n",
          "...\n",
          "#",
          "%YAML 1.3\n",
          "'",
          "\"",
          "\\",
          "{",
          "}",
          "[",
          "]",
          "(",
          ")",
          "**",
          "/**/",
          "{a,b}",
          "[^]]",
          " == ",
          " && ",
          " ? true : ",
          "!",
          "~",
          "${HOME}",
          "${X}",
          "vars.a",
          "null",
          "{}",
          "[]",
          "''");

  private static final List<String> BRACKETS = List.of("()", "[]", "{}", "''", "\"\"", "! ", "- ");

  private final Random random;
  private final List<String> seeds;
  private final List<String> words;

  Mutator(Random random, List<String> seeds) {
    this.random = random;
    this.seeds = seeds;
    this.words = seeds.stream().flatMap(seed -> words(seed).stream()).distinct().toList();
  }

  /// What it puts in the place of something else.
  List<String> pieces() {
    return Stream.of(words, NUMBERS, ODDITIES).flatMap(List::stream).distinct().toList();
  }

  /// One of the seeds with some changes.
  byte[] next() {
    String text = any(seeds);
    for (int changes = random.nextInt(random.nextInt(6) + 1); changes >= 0; changes--) {
      text = random.nextInt(3) == 0 ? ofLines(text) : ofWords(text);
    }
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return random.nextInt(8) == 0 ? ofBytes(bytes) : bytes;
  }

  private String ofWords(String text) {
    List<String> all = words(text);
    if (all.isEmpty()) {
      return any(words);
    }
    int at = random.nextInt(all.size());
    int end = Math.min(all.size(), at + 1 + random.nextInt(random.nextInt(8) == 0 ? 40 : 4));
    List<String> piece = all.subList(at, end);
    String written = String.join("", piece);
    String instead =
        switch (random.nextInt(9)) {
          case 0 -> "";
          case 1 -> written + written;
          case 2, 3 -> any(words);
          case 4 -> any(NUMBERS);
          case 5 -> any(ODDITIES);
          case 6 -> written + any(ODDITIES);
          case 7 -> repeated(written);
          default -> bracketed(written);
        };
    piece.clear();
    all.add(at, instead);
    return String.join("", all);
  }

  private String repeated(String piece) {
    int most = 1 + random.nextInt(random.nextInt(10) == 0 ? 3000 : 30);
    return piece.repeat(Math.min(most, 1 + 60_000 / (piece.length() + 1)));
  }

  private String bracketed(String piece) {
    String pair = any(BRACKETS);
    int depth = 1 + random.nextInt(random.nextInt(10) == 0 ? 500 : 3);
    return pair.substring(0, 1).repeat(depth) + piece + pair.substring(1).strip().repeat(depth);
  }

  private String ofLines(String text) {
    var all = new ArrayList<>(text.lines().toList());
    if (all.isEmpty()) {
      return text;
    }
    int at = random.nextInt(all.size());
    String line = all.get(at);
    switch (random.nextInt(6)) {
      case 0 -> all.remove(at);
      case 1 -> all.add(at, line);
      case 2 -> all.add(random.nextInt(all.size()), all.remove(at));
      case 3 -> all.set(at, " ".repeat(random.nextInt(7)) + line.stripLeading());
      case 4 -> all.set(at, any(any(seeds).lines().toList()));
      default -> all.addAll(at, any(seeds).lines().limit(random.nextInt(20)).toList());
    }
    return String.join(random.nextInt(20) == 0 ? "\r\n" : "\n", all) + "\n";
  }

  private byte[] ofBytes(byte[] bytes) {
    var out = new ByteArrayOutputStream();
    int at = random.nextInt(bytes.length + 1);
    int cut = Math.min(bytes.length - at, random.nextInt(4));
    out.write(bytes, 0, at);
    for (int i = random.nextInt(4); i > 0; i--) {
      out.write(random.nextInt(256));
    }
    out.write(bytes, at + cut, bytes.length - at - cut);
    return out.toByteArray();
  }

  private static List<String> words(String text) {
    var words = new ArrayList<String>();
    WORDS.matcher(text).results().forEach(match -> words.add(match.group()));
    return words;
  }

  private String any(List<String> all) {
    return all.isEmpty() ? "" : all.get(random.nextInt(all.size()));
  }
}
