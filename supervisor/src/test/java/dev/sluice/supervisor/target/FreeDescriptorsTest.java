package dev.sluice.supervisor.target;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.supervisor.kernel.NativeBytes;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FreeDescriptorsTest {
  /// What is listed in one go, and in the next.
  @ParameterizedTest
  @CsvSource({
    ". .., '', 0",
    ". .. 0 1 2, '', 3",
    ". .. 0 1 2, 3 4 1048575, 5",
    ". .. 0 2, 3, 1",
    ". .. 1 2, '', 0",
    "'', '', 0"
  })
  void theFirstThatIsNotOpenIsFound(String first, String second, long expected) {
    var numbers = new FreeDescriptors.OpenNumbers();
    if (take(numbers, first)) {
      take(numbers, second);
    }
    assertThat(numbers.firstFree()).isEqualTo(expected);
  }

  private static boolean take(FreeDescriptors.OpenNumbers numbers, String names) {
    var entries = NativeBytes.allocate(1024);
    int size = 0;
    for (String name : names.isEmpty() ? new String[0] : names.split(" ", -1)) {
      byte[] bytes = name.getBytes(US_ASCII);
      int length = (19 + bytes.length + 1 + 7) & ~7;
      entries.putShort(size + 16L, (short) length);
      entries.put(size + 19L, bytes, 0, bytes.length);
      size += length;
    }
    return numbers.take(entries, size);
  }
}
