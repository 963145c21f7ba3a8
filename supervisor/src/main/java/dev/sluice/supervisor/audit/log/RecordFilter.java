package dev.sluice.supervisor.audit.log;

import dev.sluice.supervisor.audit.AuditRecord;
import dev.sluice.supervisor.policy.Diagnostic;
import dev.sluice.supervisor.policy.Location;
import dev.sluice.supervisor.policy.PolicyException;
import dev.sluice.supervisor.policy.Rule.When;
import dev.sluice.supervisor.policy.condition.Condition;
import dev.sluice.supervisor.policy.condition.Condition.Constant;
import dev.sluice.supervisor.policy.condition.ConditionCompiler;
import dev.sluice.supervisor.policy.explain.Truth;
import dev.sluice.supervisor.syscall.Arch;
import dev.sluice.supervisor.target.Abort;
import dev.sluice.supervisor.target.CallKind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;

/// Records for which a condition holds, written as `when` of a rule. A call that does not have what
/// the condition speaks of is not among them, nor is one whose record leaves it open.
public final class RecordFilter implements Predicate<AuditRecord> {
  /// Calls that between them have most of what there is to speak of.
  private static final List<String> USUAL =
      List.of("openat", "connect", "mount", "renameat2", "execve", "socket", "getpid");

  private final When when;
  private final ConditionCompiler compiler;
  private final Map<CallKind, Condition> conditions = new HashMap<>();

  /// @param home what `~` stands for
  /// @throws PolicyException if the condition makes sense for no call
  public RecordFilter(String expression, String home) throws PolicyException {
    var places = new TreeMap<Integer, Location>(Map.of(0, new Location("--where", 1, 1)));
    when = new When(expression, places);
    compiler = ConditionCompiler.ofRecords(home);
    check();
  }

  private void check() throws PolicyException {
    var first = new ArrayList<Diagnostic>();
    var names = new ArrayList<>(USUAL);
    names.addAll(Arch.host().numbers().keySet());
    for (String name : names) {
      var diagnostics = new ArrayList<Diagnostic>();
      Optional<CallKind> kind = CallKind.named(Arch.host(), name);
      if (kind.isPresent() && compile(kind.get(), diagnostics).isPresent()) {
        return;
      }
      if (first.isEmpty()) {
        first.addAll(diagnostics);
      }
      if (diagnostics.stream().noneMatch(each -> each.message().contains("unknown"))) {
        break; // it is wrong for all of them
      }
    }
    throw new PolicyException(first);
  }

  private Optional<Condition> compile(CallKind kind, List<Diagnostic> diagnostics) {
    return compiler.compile(when, List.of(kind), false, diagnostics).map(List::getFirst);
  }

  @Override
  public boolean test(AuditRecord record) {
    Optional<RecordedCall> call = RecordedCall.of(record, true);
    if (call.isEmpty()) {
      return false;
    }
    Condition condition =
        conditions.computeIfAbsent(
            call.get().kind(), kind -> compile(kind, new ArrayList<>()).orElse(Constant.FALSE));
    try {
      return Truth.of(condition, call.get()).equals(Truth.TRUE);
    } catch (Abort e) {
      return false;
    }
  }
}
