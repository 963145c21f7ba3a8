package dev.sluice.supervisor.bpf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sluice.supervisor.CHeaders;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SeccompDataTest {
  @Test
  void liesInMemoryAsTheHeaderSays() {
    Map<String, Long> truth =
        CHeaders.evaluate(
            "seccomp_data_offsets",
            CHeaders.include("linux/seccomp.h"),
            List.of(
                "sizeof(struct seccomp_data)",
                "offsetof(struct seccomp_data, nr)",
                "offsetof(struct seccomp_data, arch)",
                "offsetof(struct seccomp_data, args[0])",
                "offsetof(struct seccomp_data, args[5])"));
    assertThat(truth)
        .containsEntry("sizeof(struct seccomp_data)", (long) SeccompData.SIZE)
        .containsEntry("offsetof(struct seccomp_data, nr)", (long) SeccompData.NR)
        .containsEntry("offsetof(struct seccomp_data, arch)", (long) SeccompData.ARCH)
        .containsEntry("offsetof(struct seccomp_data, args[0])", (long) SeccompData.low(0))
        .containsEntry("offsetof(struct seccomp_data, args[5])", (long) SeccompData.low(5));
    assertThat(SeccompData.high(5)).isEqualTo(SeccompData.low(5) + 4);
  }

  @Test
  void hasSixArgumentsZeroWhereNoneIsGiven() {
    assertThat(SeccompData.of(1, 2, 3, 4).args()).containsExactly(3L, 4L, 0L, 0L, 0L, 0L);
    List<Long> five = List.of(0L, 0L, 0L, 0L, 0L);
    assertThatThrownBy(() -> new SeccompData(1, 2, 0, five)).hasMessage("six arguments, not 5");
  }
}
