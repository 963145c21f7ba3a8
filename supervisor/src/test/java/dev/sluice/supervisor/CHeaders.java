package dev.sluice.supervisor;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/// What the C headers of this machine say.
public final class CHeaders {
  private CHeaders() {}

  /// The value of each C expression.
  ///
  /// @param name for the files of the program that is compiled for it
  /// @param preamble C, such as `#include` lines
  public static Map<String, Long> evaluate(
      String name, String preamble, Collection<String> expressions) {
    String prints =
        expressions.stream()
            .map(each -> "  printf(\"%%lld\\n\", (long long)(%s));".formatted(each))
            .collect(Collectors.joining("\n"));
    String source =
        """
        #include <stddef.h>
        #include <stdio.h>
        %s
        int main(void)
        {
        %s
          return 0;
        }
        """
            .formatted(preamble, prints);
    List<String> lines = CProgram.of("headers-" + name, source).run().lines().toList();
    var values = new HashMap<String, Long>();
    for (String expression : expressions) {
      values.put(expression, Long.parseLong(lines.get(values.size())));
    }
    return values;
  }

  /// The names of the macros that are defined after a piece of C, such as an `#include` line. The
  /// test is skipped where there is no such header.
  public static List<String> macros(String preamble) {
    Optional<String> defines = CProgram.preprocess(preamble, "-dM");
    assumeTrue(defines.isPresent(), "not on this machine: " + preamble);
    return defines.orElseThrow().lines().map(define -> define.split("[ (]", 3)[1]).toList();
  }

  /// Whether there is a header, such as `seccomp.h`.
  public static boolean have(String header) {
    return CProgram.preprocess(include(header)).isPresent();
  }

  /// `#include` lines for headers separated by blanks.
  public static String include(String headers) {
    return List.of(headers.split(" ", -1)).stream()
        .map(header -> "#include <" + header + ">\n")
        .collect(Collectors.joining());
  }
}
