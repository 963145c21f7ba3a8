package dev.sluice.supervisor.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.supervisor.syscall.Arch;
import java.lang.reflect.Field;
import java.util.Arrays;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The numbers this package calls by are those of the tables, which have tests of their own.
class SyscallNumberTest {
  static Stream<String> names() {
    return Arrays.stream(SyscallNumber.class.getDeclaredFields())
        .filter(field -> field.getType() == int.class)
        .map(Field::getName);
  }

  @ParameterizedTest
  @MethodSource("names")
  void isThatOfTheTable(String constant) throws ReflectiveOperationException {
    int number = SyscallNumber.class.getDeclaredField(constant).getInt(null);
    assertThat(Arch.host().number(constant.toLowerCase(Locale.ROOT)))
        .isEqualTo(OptionalInt.of(number));
  }
}
