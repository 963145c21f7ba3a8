package dev.sluice.supervisor.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.supervisor.CHeaders;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ErrnoTest {
  @Test
  void knowsEveryErrorOfTheHeadersUnderItsNumber() {
    List<String> names =
        CHeaders.macros("#include <errno.h>").stream()
            .filter(name -> name.matches("E[A-Z0-9]+"))
            .toList();
    assertThat(names).contains("EPERM", "EWOULDBLOCK", "EHWPOISON");
    Map<String, Long> truth = CHeaders.evaluate("errno", "#include <errno.h>", names);
    for (String name : names) {
      assertThat(Errno.named(name))
          .as(name)
          .map(errno -> (long) errno.number())
          .hasValue(truth.get(name));
    }
  }

  @Test
  void hasNoErrorThatTheHeadersDoNotHave() {
    assertThat(CHeaders.macros("#include <errno.h>"))
        .containsAll(Arrays.stream(Errno.values()).map(Errno::name).toList());
  }

  @ParameterizedTest
  @CsvSource({"1, EPERM", "11, EAGAIN", "95, EOPNOTSUPP", "133, EHWPOISON"})
  void namesANumberByItsFirstName(int number, String name) {
    assertThat(Errno.nameOf(number)).isEqualTo(name);
  }

  @ParameterizedTest
  @ValueSource(ints = {Integer.MIN_VALUE, -1, 0, 41, 58, 134, 159, 160, Integer.MAX_VALUE})
  void callsAnUnknownNumberByItsNumber(int number) {
    assertThat(Errno.nameOf(number)).isEqualTo("errno " + number);
  }

  @Test
  void hasNoErrorOfAnotherName() {
    assertThat(Errno.named("EPREM")).isEmpty();
    assertThat(Errno.named("")).isEmpty();
    assertThat(Errno.named("eperm")).isEmpty();
  }
}
