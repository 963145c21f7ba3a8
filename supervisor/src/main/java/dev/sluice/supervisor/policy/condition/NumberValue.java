package dev.sluice.supervisor.policy.condition;

import dev.sluice.supervisor.target.CallView;
import dev.sluice.supervisor.target.SocketAddress;

/// A number of a call that a condition may speak of.
public sealed interface NumberValue {
  long of(CallView call);

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
    public long of(CallView call) {
      int unused = Long.SIZE - bits;
      long shifted = call.arg(index) << unused;
      return isSigned ? shifted >> unused : shifted >>> unused;
    }
  }

  /// A constant where another call has a register: the flags of creat(2).
  record Fixed(long value) implements NumberValue {
    @Override
    public long of(CallView call) {
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
    public long of(CallView call) {
      return switch (member) {
        case FLAGS -> call.openFlags();
        case MODE -> call.openMode();
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

  /// Something about the address a call gives a socket.
  record OfAddress(Part part) implements NumberValue {
    private static final long MAX_PORT = 0xffffffffL; // of vsock(7)

    public enum Part {
      /// [dev.sluice.supervisor.target.SocketAddress#NO_PORT] if it has none.
      PORT,
      /// 1 if there is one at all.
      GIVEN
    }

    @Override
    public long of(CallView call) {
      return switch (part) {
        case PORT -> call.address().port();
        case GIVEN -> call.address().isGiven() ? 1 : 0;
      };
    }

    @Override
    public boolean readsMemory() {
      return true;
    }

    @Override
    public boolean isSigned() {
      return true;
    }

    @Override
    public int bits() {
      return Long.SIZE;
    }

    @Override
    public long min() {
      return SocketAddress.NO_PORT;
    }

    @Override
    public long max() {
      return MAX_PORT;
    }
  }

  /// 1 if a register is the number of a thread of the supervisor, or of one of its programs, and
  /// another is not NULL.
  record OfSupervisor(int register, int given) implements NumberValue {
    @Override
    public long of(CallView call) {
      return call.arg(given) != 0 && call.isOfSupervisor((int) call.arg(register)) ? 1 : 0;
    }

    @Override
    public int bits() {
      return 1;
    }
  }

  /// Something about the calling thread, which it cannot change while it waits for us.
  record OfTask(Field field) implements NumberValue {
    public enum Field {
      UID,
      GID,
      CAPABILITIES,
      PID,
      TID
    }

    @Override
    public long of(CallView call) {
      var task = call.task();
      return switch (field) {
        case UID -> Integer.toUnsignedLong(task.uid());
        case GID -> Integer.toUnsignedLong(task.gid());
        case CAPABILITIES -> task.capabilities();
        case PID -> task.tgid();
        case TID -> task.tid();
      };
    }

    @Override
    public int bits() {
      return switch (field) {
        case UID, GID -> Integer.SIZE;
        case CAPABILITIES -> Long.SIZE;
        case PID, TID -> Integer.SIZE - 1;
      };
    }
  }
}
