package dev.sluice.supervisor.policy.condition;

import dev.sluice.supervisor.target.Call;
import dev.sluice.supervisor.target.Text;

/// A string of a call that a condition may speak of. All of them lie in memory, or lead through it.
public sealed interface TextValue {
  Text of(Call call);

  default boolean readsMemory() {
    return true;
  }

  /// The canonical path of what a path argument leads to.
  record Path(int index) implements TextValue {
    @Override
    public Text of(Call call) {
      return call.path(index).canonical();
    }
  }

  /// A string argument as it was given.
  record Argument(int register) implements TextValue {
    @Override
    public Text of(Call call) {
      return call.string(register);
    }
  }

  /// The name of the calling program (`comm` of proc(5)), which it can set to whatever it likes.
  record Comm() implements TextValue {
    @Override
    public Text of(Call call) {
      return call.task().commText();
    }
  }
}
