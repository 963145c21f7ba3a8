package dev.sluice.supervisor;

import dev.sluice.supervisor.audit.AuditRecord;
import dev.sluice.supervisor.audit.AuditSink;
import dev.sluice.supervisor.audit.ShadowPolicy;
import dev.sluice.supervisor.handler.Asker;
import dev.sluice.supervisor.handler.Handlers;
import dev.sluice.supervisor.handler.SyscallHandler;
import dev.sluice.supervisor.listener.CallQuota;
import dev.sluice.supervisor.policy.CompiledPolicy;
import dev.sluice.supervisor.policy.Container;
import dev.sluice.supervisor.policy.PolicyCompiler;
import dev.sluice.supervisor.policy.PolicyException;
import dev.sluice.supervisor.policy.Verdict;
import dev.sluice.supervisor.policy.choice.PolicyFiles;
import dev.sluice.supervisor.target.Call;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// What a supervisor is made from: [Sluice#policy].
public final class SluiceBuilder {
  private final Optional<Path> file;
  private final Optional<String> source;
  private Optional<Path> directory = Optional.empty();
  private final List<SyscallHandler> handlers = new ArrayList<>();
  final List<AuditSink> sinks = new ArrayList<>();
  private Optional<Path> plugIns = Optional.empty();
  private Asker asker = Asker.NOBODY;
  Container container = Container.NONE;
  boolean noNewPrivs = true;
  boolean reloadable;
  Optional<Path> state = Optional.empty();
  Optional<ShadowPolicy> shadow = Optional.empty();

  /// What was loaded for the first policy serves the later ones.
  private @Nullable Handlers emulations;

  /// By [#compile]: what has not changed until [#open] is not compiled again.
  private Map<PolicyFiles.Source, CompiledPolicy> compiled = Map.of();

  Supplier<CallQuota> quota = CallQuota::none;

  SluiceBuilder(Optional<Path> file, Optional<String> source) {
    this.file = file;
    this.source = source;
  }

  /// Adds policies for containers to be chosen by their names, one of the file for those that no
  /// other is for.
  public SluiceBuilder directory(Path policies) {
    directory = Optional.of(policies);
    return this;
  }

  /// Limits how many calls of one container may be with workers at once.
  ///
  /// @param errno what calls beyond that fail with; empty if they are to wait until there is room
  public SluiceBuilder pending(int max, OptionalInt errno) {
    quota = () -> new CallQuota(max, errno);
    return this;
  }

  /// Adds a handler that the policy may name in `emulate:`.
  public SluiceBuilder handler(SyscallHandler handler) {
    handlers.add(handler);
    return this;
  }

  /// The same, given as a function. It runs on a worker, for five seconds at most, and for eight
  /// calls at once.
  public SluiceBuilder handler(String name, Set<String> syscalls, Function<Call, Verdict> decide) {
    return handler(new FunctionHandler(name, syscalls, decide));
  }

  /// Adds the handlers in the jars of a directory.
  public SluiceBuilder plugIns(Path directory) {
    plugIns = Optional.of(directory);
    return this;
  }

  /// Adds somebody to be told of every decision, on a thread of its own.
  public SluiceBuilder onRecord(Consumer<AuditRecord> consumer) {
    return sink(consumer::accept);
  }

  /// Adds a place for records. It is begun on the thread that opens the supervisor, written to on
  /// one of its own, and closed on the one that closes the supervisor: one after the other, so that
  /// each sees what the one before did.
  public SluiceBuilder sink(AuditSink sink) {
    sinks.add(sink);
    return this;
  }

  /// Tries out another policy: records say what it would have done, where that is something else.
  ///
  /// @return the calls of which it will not see each, as the kernel decides some of them alone
  public Set<String> shadow(Path policy) throws PolicyException {
    String text = PolicyCompiler.read(policy);
    var tried = new ShadowPolicy(theirs -> compile(policy, text, theirs));
    shadow = Optional.of(tried);
    var unseen = new TreeSet<String>();
    for (PolicyFiles.Source each : policyFiles().all()) {
      unseen.addAll(tried.unseen(compile(each.file(), each.text(), container)));
    }
    return unseen;
  }

  private CompiledPolicy compile(Path file, String text, Container theirs) throws PolicyException {
    Container in = theirs.equals(Container.NONE) ? container : theirs;
    return compiler(in, 1).compile(file.toString(), text);
  }

  /// Sets who is asked where the policy says `ask`; by default nobody, so that such calls fail.
  public SluiceBuilder asker(Asker who) {
    asker = who;
    return this;
  }

  /// Lets setuid and setcap programs under the policy gain privileges. Needs CAP_SYS_ADMIN.
  public SluiceBuilder allowNewPrivileges() {
    noNewPrivs = false;
    return this;
  }

  /// Sets what the policy is to know of the container the targets are in.
  public SluiceBuilder container(Container theirs) {
    container = theirs;
    compiled = Map.of();
    return this;
  }

  /// Lets processes of the same user that are not supervised have the policy read again (`sluice
  /// reload`).
  public SluiceBuilder reloadable() {
    reloadable = true;
    return this;
  }

  /// Prepares for listeners that outlive us ([Sluice#attachKept]): what workers are doing for them
  /// is finished, should we end in the middle of it. Whoever starts us sees to it that they have
  /// ended before somebody else is started.
  ///
  /// @param directory of us and whoever comes before and after, and of nobody else
  public SluiceBuilder outlived(Path directory) {
    state = Optional.of(directory);
    return this;
  }

  /// Compiles the policies only. Returns that of those of whom nothing is known.
  public CompiledPolicy compile() throws PolicyException {
    PolicySet policies = policies(1, Map.of());
    compiled = policies.compiled();
    return policies.fallback();
  }

  /// Compiles them as they are now. What came through a pipe does not come again.
  PolicySet policiesAgain(int epoch) throws PolicyException {
    if (file.isPresent() && source.isEmpty()) {
      PolicyFiles.checkRegular(file.get());
    }
    return policies(epoch, Map.of());
  }

  private PolicySet policies(int epoch, Map<PolicyFiles.Source, CompiledPolicy> known)
      throws PolicyException {
    return PolicySet.of(policyFiles(), theirs -> compiler(theirs, epoch), container, known);
  }

  private PolicyFiles policyFiles() throws PolicyException {
    return PolicyFiles.read(file, source, directory);
  }

  private PolicyCompiler compiler(Container theirs, int epoch) {
    if (emulations == null) {
      emulations = Handlers.load(handlers, plugIns, asker);
    }
    return new PolicyCompiler(emulations, System.getenv()).in(theirs).epoch(epoch);
  }

  /// Starts the supervisor.
  ///
  /// @throws PolicyException if the policy is not right
  /// @throws SluiceException if this machine or user cannot supervise
  public Sluice open() throws PolicyException {
    var known = compiled;
    compiled = Map.of(); // what a policy remembers is one supervisor's
    return new Sluice(this, policies(1, known));
  }
}
