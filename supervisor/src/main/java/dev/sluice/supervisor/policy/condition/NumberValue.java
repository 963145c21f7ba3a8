package dev.sluice.supervisor.policy.condition;

import dev.sluice.supervisor.target.Call;

/// A number of a call that a condition may speak of.
public sealed interface NumberValue {
  long of(Call call);

  /// Whether it lies in the caller's memory, so that the kernel may see another.
  default boolean readsMemory() {
    return false;
  }

  /// Whether it is compared as a signed number.
  default boolean isSigned() {
    return false;
  }

  /// How many bits it has.
  int bits();

  /// The least number it can be.
  default long min() {
    return isSigned() ? -1L << (bits() - 1) : 0;
  }

  /// The greatest number it can be, as far as there is a constant for it.
  default long max() {
    if (isSigned()) {
      return ~min();
    }
    return bits() == Long.SIZE ? Long.MAX_VALUE : (1L << bits()) - 1;
  }

  /// A register.
  ///
  /// @param bits how many of its lower bits the kernel looks at; what is above them may be anything
  record Register(int index, int bits, boolean isSigned) implements NumberValue {
    @Override
    public long of(Call call) {
      int unused = Long.SIZE - bits;
      long shifted = call.arg(index) << unused;
      return isSigned ? shifted >> unused : shifted >>> unused;
    }
  }

  /// A constant where another call has a register: the flags of creat(2).
  record Fixed(long value) implements NumberValue {
    @Override
    public long of(Call call) {
      return value;
    }

    @Override
    public int bits() {
      return Integer.SIZE;
    }
  }

  /// A member of openat2(2)'s `struct open_how`.
  record OpenHow(Member member) implements NumberValue {
    public enum Member {
      FLAGS,
      MODE
    }

    @Override
    public long of(Call call) {
      return switch (member) {
        case FLAGS -> call.open().flags();
        case MODE -> call.open().mode();
      };
    }

    @Override
    public boolean readsMemory() {
      return true;
    }

    @Override
    public int bits() {
      return Long.SIZE;
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
    public int bits() {
      return switch (field) {
        case UID, GID -> Integer.SIZE;
        case PID, TID -> Integer.SIZE - 1;
      };
    }
  }
}
