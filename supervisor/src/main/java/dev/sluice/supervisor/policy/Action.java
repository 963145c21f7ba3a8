package dev.sluice.supervisor.policy;

import dev.sluice.supervisor.syscall.PathParameter;
import dev.sluice.supervisor.target.SocketAddress;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;

/// What a rule says is to be done with a call.
public sealed interface Action {
  /// The word for [Hide].
  String HIDE = "hide";

  /// The word for [Ask].
  String ASK = "ask";

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
  ///
  /// @param keyword `emulate`, or a word of its own that some handler has
  record Emulate(String keyword, String handler, Map<String, String> options) implements Action {
    public Emulate {
      options = Map.copyOf(options);
    }

    public Emulate(String handler, Map<String, String> options) {
      this("emulate", handler, options);
    }
  }

  /// The file that is named has this content, and cannot be changed.
  ///
  /// @param text as it stands in the policy: the content, or where it is
  record Serve(Source source, String text, Location location) implements Action {
    /// What [Serve#text] is.
    public enum Source {
      CONTENT,
      FILE,
      /// See [Template].
      TEMPLATE;

      /// The key for it in a policy.
      public String key() {
        return name().toLowerCase(Locale.ROOT);
      }
    }

    @Override
    public String keyword() {
      return "serve";
    }
  }

  /// There is no such file: ENOENT, and no name in the directory.
  record Hide() implements Action {
    @Override
    public String keyword() {
      return HIDE;
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

    /// Whether who is asked is shown where a path leads, and decides by that. The address of a Unix
    /// socket is one, too.
    static boolean showsPath(String call) {
      return PathParameter.isIn(call) || showsAddress(call);
    }

    /// The same of the address of a socket.
    static boolean showsAddress(String call) {
      return SocketAddress.isOf(call);
    }

    @Override
    public String keyword() {
      return ASK;
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

  /// Another file is meant than the one that was named.
  static Emulate redirect(String to) {
    return new Emulate("redirect", "redirect", Map.of("to", to));
  }

  /// The file lies on a file system that is mounted read-only.
  static Emulate readOnly() {
    return new Emulate("read-only", "read-only", Map.of());
  }

  /// Whether it is good for nothing but the calls of a rule.
  default boolean isForRulesOnly() {
    return this instanceof Emulate
        || this instanceof Ask
        || this instanceof Serve
        || this instanceof Hide;
  }
}
