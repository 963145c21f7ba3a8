package dev.sluice.supervisor.policy;

import dev.sluice.supervisor.target.Call;
import java.util.Map;
import java.util.Optional;

/// Takes over the calls that a rule, or the way a call must be allowed, leads to.
public interface Emulation {
  /// The name a policy and a record have for it.
  String name();

  /// Decides, having done whatever it does. May throw [dev.sluice.supervisor.target.Abort],
  /// `WOULD_BLOCK` among them: then it is asked again on a worker, where [Call#mayBlock] is true.
  Verdict perform(Call call);

  /// What the kernel answers before it looks where the call's paths lead, if it does. Asked when
  /// the call cannot be decided, because of a path: then the kernel might have said something else.
  /// Does nothing. May throw [dev.sluice.supervisor.target.Abort].
  default Optional<Verdict> early(Call call) {
    return Optional.empty();
  }

  /// Whether it makes up what lies where a path leads. Then what the kernel answers before it looks
  /// there comes first ([#early]).
  default boolean isOfFiles() {
    return false;
  }

  /// Whether what one container has it do may show in what it does for another.
  default boolean remembers() {
    return true;
  }

  /// What a rule tells it to do so, by the words of a policy.
  default Map<String, String> options() {
    return Map.of();
  }

  /// What it gives in the place of a file, if it does.
  default Optional<Template> content() {
    return Optional.empty();
  }

  /// How much can be relied on a decision that rests on memory, if this lets the call take place.
  default SafetyClass safety() {
    return SafetyClass.EMULATED;
  }
}
