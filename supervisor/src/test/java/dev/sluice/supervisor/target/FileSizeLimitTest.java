package dev.sluice.supervisor.target;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class FileSizeLimitTest {
  @Test
  void bothLimitsAreRead() {
    String limits =
        """
        Limit                     Soft Limit           Hard Limit           Units
        Max cpu time              unlimited            unlimited            seconds
        Max file size             102400               18446744073709551614 bytes
        Max data size             unlimited            unlimited            bytes
        """;
    assertThat(FileSizeLimit.parse(limits)).isEqualTo(new FileSizeLimit(102400, -2));
  }

  @Test
  void whatIsUnlimitedIsTheLargestNumber() {
    assertThat(FileSizeLimit.parse("Max file size    unlimited    unlimited    bytes"))
        .isEqualTo(new FileSizeLimit(-1, -1));
  }

  @Test
  void oursIsAmongThem() {
    var own = FileSizeLimit.ofSelf();
    assertThat(Long.compareUnsigned(own.soft(), own.hard())).isNotPositive();
  }

  @Test
  void whatIsNoneIsAMistake() {
    assertThatThrownBy(() -> FileSizeLimit.parse("Max cpu time unlimited unlimited seconds"))
        .hasMessageContaining("no file size");
  }
}
