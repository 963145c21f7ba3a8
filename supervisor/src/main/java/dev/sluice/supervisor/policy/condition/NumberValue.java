package dev.sluice.supervisor.policy.condition;

import dev.sluice.supervisor.target.Call;

/// A number of a call that a condition may speak of.
public sealed interface NumberValue {
  long of(Call call);

  boolean readsMemory();

  /// Whether it is compared as a signed number.
  boolean isSigned();

  /// A register.
  ///
  /// @param wide 64 bits; otherwise the lower 32 count, and what is above them does not
  record Register(int index, boolean wide, boolean isSigned) implements NumberValue {
    @Override
    public long of(Call call) {
      if (wide) {
        return call.arg(index);
      }
      return isSigned ? call.intArg(index) : Integer.toUnsignedLong(call.intArg(index));
    }

    @Override
    public boolean readsMemory() {
      return false;
    }
  }

  /// A constant where another call has a register: the flags of creat(2).
  record Fixed(long value) implements NumberValue {
    @Override
    public long of(Call call) {
      return value;
    }

    @Override
    public boolean readsMemory() {
      return false;
    }

    @Override
    public boolean isSigned() {
      return false;
    }
  }

  /// The flags of openat2(2), which lie in memory.
  record OpenHowFlags() implements NumberValue {
    @Override
    public long of(Call call) {
      return call.open().flags();
    }

    @Override
    public boolean readsMemory() {
      return true;
    }

    @Override
    public boolean isSigned() {
      return false;
    }
  }

  /// The mode of openat2(2).
  record OpenHowMode() implements NumberValue {
    @Override
    public long of(Call call) {
      return call.open().mode();
    }

    @Override
    public boolean readsMemory() {
      return true;
    }

    @Override
    public boolean isSigned() {
      return false;
    }
  }

  /// Something about the calling thread, which it cannot change while it waits for us.
  record OfTask(Field field) implements NumberValue {
    public enum Field {
      UID,
      GID,
      PID,
      TID
    }

    @Override
    public long of(Call call) {
      var task = call.task();
      return switch (field) {
        case UID -> Integer.toUnsignedLong(task.status().credentials().uids().get(1));
        case GID -> Integer.toUnsignedLong(task.status().credentials().gids().get(1));
        case PID -> task.tgid();
        case TID -> task.tid();
      };
    }

    @Override
    public boolean readsMemory() {
      return false;
    }

    @Override
    public boolean isSigned() {
      return true;
    }
  }
}
