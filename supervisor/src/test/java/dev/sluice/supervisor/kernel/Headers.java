package dev.sluice.supervisor.kernel;

import dev.sluice.supervisor.CProgram;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// What the C headers of this machine say.
final class Headers {
  private Headers() {}

  /// The value of each C expression.
  ///
  /// @param name for the files of the program that is compiled for it
  /// @param preamble C, such as `#include` lines
  static Map<String, Long> evaluate(String name, String preamble, Collection<String> expressions) {
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

  /// `#include` lines for headers separated by blanks.
  static String include(String headers) {
    return List.of(headers.split(" ", -1)).stream()
        .map(header -> "#include <" + header + ">\n")
        .collect(Collectors.joining());
  }
}
