package dev.sluice.supervisor.policy.condition;

import dev.sluice.supervisor.target.CallView;
import dev.sluice.supervisor.target.Text;

/// A string of a call that a condition may speak of. All of them lie in memory, or lead through it.
public sealed interface TextValue {
  Text of(CallView call);

  default boolean readsMemory() {
    return true;
  }

  /// The canonical path of what a path argument leads to.
  record Path(int index) implements TextValue {
    @Override
    public Text of(CallView call) {
      return call.canonicalPath(index);
    }
  }

  /// A string argument as it was given.
  record Argument(int register) implements TextValue {
    @Override
    public Text of(CallView call) {
      return call.string(register);
    }
  }

  /// A part of the address a call gives a socket.
  record OfAddress(Part part) implements TextValue {
    public enum Part {
      FAMILY,
      IP,
      IP_BYTES,
      PATH
    }

    @Override
    public Text of(CallView call) {
      return switch (part) {
        case FAMILY -> call.address().family();
        case IP -> call.address().ip();
        case IP_BYTES -> call.address().ipBytes();
        case PATH -> call.addressPath();
      };
    }
  }

  /// The name of the calling program (`comm` of proc(5)), which it can set to whatever it likes.
  record Comm() implements TextValue {
    @Override
    public Text of(CallView call) {
      return call.task().comm();
    }
  }

  /// The path of the program's file. Nobody else can change it while the thread waits; and where it
  /// decides, its own threads cannot set it (PR_SET_MM of prctl(2)), as a guard is there.
  record Exe() implements TextValue {
    @Override
    public Text of(CallView call) {
      return call.task().exe();
    }

    @Override
    public boolean readsMemory() {
      return false;
    }
  }

  /// The path of the cgroup, of a record only: nobody is told that a task was moved to another.
  record Cgroup() implements TextValue {
    @Override
    public Text of(CallView call) {
      return call.task().cgroup();
    }
  }

  /// A text of a container that may be any: for filters alone.
  record OfContainer() implements TextValue {
    @Override
    public Text of(CallView call) {
      throw new IllegalStateException("which container is it?");
    }

    @Override
    public boolean readsMemory() {
      return false;
    }
  }

  /// The working directory, which other threads can change.
  record WorkingDirectory() implements TextValue {
    @Override
    public Text of(CallView call) {
      return call.workingDirectory();
    }
  }
}
