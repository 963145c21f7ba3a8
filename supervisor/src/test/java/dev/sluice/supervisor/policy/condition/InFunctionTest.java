package dev.sluice.supervisor.policy.condition;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The function `in` is told from the operator, from other names, and from text.
class InFunctionTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          address.in("::1")                  | address._0("::1")
          !(address.in("::1")&&a.in("b"))    | !(address._0("::1")&&a._0("b"))
          address . in ("::1")               | address . _0 ("::1")
          a in ["b"] && address.in("::1")    | a in ["b"] && address._0("::1")
          a in ["x.in("]                     | a in ["x.in("]
          a == ".in(" && address.in("::1")   | a == ".in(" && address._0("::1")
          a == "\\".in(" && b.in("c")        | a == "\\".in(" && b._0("c")
          a == r"\\" && b.in("c")            | a == r"\\" && b._0("c")
          a == '''.in("''' && b.in("c")      | a == '''.in("''' && b._0("c")
          a.inner("b")                       | a.inner("b")
          a.index.in                         | a.index.in
          a // .in(                          | a // .in(
          "open .in(                         | "open .in(
          a.                                 | a.
          """)
  void onlyTheFunctionIsRenamed(String expression, String renamed) {
    assertThat(InFunction.rename(expression)).isEqualTo(renamed);
  }
}
