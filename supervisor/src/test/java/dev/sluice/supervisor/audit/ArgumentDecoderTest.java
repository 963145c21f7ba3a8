package dev.sluice.supervisor.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.supervisor.syscall.Arch;
import dev.sluice.supervisor.target.Call;
import dev.sluice.supervisor.target.CallDetails;
import dev.sluice.supervisor.target.CallKind;
import dev.sluice.supervisor.target.Calls;
import java.lang.ref.WeakReference;
import java.util.List;
import org.junit.jupiter.api.Test;

class ArgumentDecoderTest {
  private final ArgumentDecoder decoder = new ArgumentDecoder();

  private List<Argument> decode(CallKind kind) {
    Call call = Calls.of(Arch.X86_64, "umask", 18);
    var details = new CallDetails();
    details.copy(call, new byte[CallDetails.size(call)]);
    return decoder.decode(kind, details);
  }

  private WeakReference<CallKind> decoded(int nr) {
    CallKind kind = CallKind.of(Arch.X86_64, nr);
    decode(kind);
    return new WeakReference<>(kind);
  }

  /// Whoever has a filter of their own may make calls of ever new numbers.
  @Test
  void nothingIsRememberedOfCallsThatNoTableHas() {
    WeakReference<CallKind> unknown = decoded(100_000);
    WeakReference<CallKind> known = decoded(Arch.X86_64.number("umask").orElseThrow());

    System.gc();

    assertThat(unknown.get()).isNull();
    assertThat(known.get()).isNotNull();
    assertThat(decode(CallKind.of(Arch.X86_64, 100_000))).isEmpty();
  }
}
