package dev.sluice.supervisor.policy;

import java.time.Duration;
import java.util.Map;

/// What a rule says is to be done with a call.
public sealed interface Action {
  /// The word for it in a policy.
  String keyword();

  /// The call takes place: in the kernel where that is exact, performed by the supervisor where it
  /// is not.
  record Allow() implements Action {
    @Override
    public String keyword() {
      return "allow";
    }
  }

  record Deny(int errno) implements Action {
    @Override
    public String keyword() {
      return "deny";
    }
  }

  /// The call does not take place and its result is `value`.
  record Return(long value) implements Action {
    @Override
    public String keyword() {
      return "return";
    }
  }

  /// A handler performs the call, or something in its place.
  record Emulate(String handler, Map<String, String> options) implements Action {
    public Emulate {
      options = Map.copyOf(options);
    }

    @Override
    public String keyword() {
      return "emulate";
    }
  }

  /// Someone is asked, and has `timeout` to say yes.
  record Ask(Duration timeout, int otherwise, Remember remember) implements Action {
    /// What an answer holds for, besides the call it was given for.
    public enum Remember {
      NOTHING,
      PATH,
      DIRECTORY
    }

    @Override
    public String keyword() {
      return "ask";
    }
  }

  record Kill(Scope scope) implements Action {
    public enum Scope {
      THREAD,
      PROCESS
    }

    @Override
    public String keyword() {
      return "kill";
    }
  }

  /// SIGSYS to the caller (`SECCOMP_RET_TRAP`).
  record Trap() implements Action {
    @Override
    public String keyword() {
      return "trap";
    }
  }

  /// A ptrace(2) tracer is told (`SECCOMP_RET_TRACE`); ENOSYS without one.
  record Trace(int value) implements Action {
    @Override
    public String keyword() {
      return "trace";
    }
  }

  /// Allowed, and noted in the kernel's audit log (`SECCOMP_RET_LOG`).
  record Log() implements Action {
    @Override
    public String keyword() {
      return "log";
    }
  }

  /// Opens another file than the one that was named.
  static Emulate redirect(String to) {
    return new Emulate("redirect", Map.of("to", to));
  }
}
