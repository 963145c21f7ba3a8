package dev.sluice.supervisor.target;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.supervisor.syscall.Arch;
import dev.sluice.supervisor.syscall.Signature;
import java.util.Set;
import org.junit.jupiter.api.Test;

class VectorParameterTest {
  @Test
  void eachIsAParameterOfItsCall() {
    int found = 0;
    for (String call : Arch.X86_64.numbers().keySet()) {
      for (VectorParameter vector : VectorParameter.of(call)) {
        Signature signature = Signature.of(Arch.X86_64, call).orElseThrow();
        String name = vector.name().replaceFirst("\\..*", "");
        assertThat(signature.indexOf(name)).as(call).isEqualTo(vector.register());
        if (vector.count() >= 0) {
          assertThat(signature.parameters().get(vector.count()).name()).matches(".*(len|cnt|segs)");
        }
        found++;
      }
    }
    assertThat(found).isEqualTo(19);
  }

  @Test
  void mostCallsHaveNoneThatIsShown() {
    var shown = Set.of(Vector.ARGV, Vector.DATA);

    assertThat(VectorParameter.isAnyOf("execve", shown)).isTrue();
    assertThat(VectorParameter.isAnyOf("writev", shown)).isTrue();
    assertThat(VectorParameter.isAnyOf("writev", Set.of(Vector.ENV))).isFalse();
    assertThat(VectorParameter.isAnyOf("setuid", shown)).isFalse();
  }
}
