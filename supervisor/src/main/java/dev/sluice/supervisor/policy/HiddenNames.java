package dev.sluice.supervisor.policy;

import dev.sluice.supervisor.kernel.OpenFlags;
import dev.sluice.supervisor.target.Call;
import dev.sluice.supervisor.target.CallView;
import dev.sluice.supervisor.target.SocketAddress;
import dev.sluice.supervisor.target.TaskView;
import dev.sluice.supervisor.target.Text;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The names a policy hides: those whose status the same caller would be told is none.
public final class HiddenNames {
  /// The call that asks for it, on every architecture.
  static final String STATUS = "newfstatat";

  private static final int FLAGS = 3;

  private final CallPlan status;
  private final ThreadLocal<Lookup> lookups = ThreadLocal.withInitial(Lookup::new);

  /// @param status how [#STATUS] is decided
  HiddenNames(CallPlan status) {
    this.status = status;
  }

  /// Whether `path`, which is canonical but for its last component, is hidden from the caller of
  /// `call`.
  public boolean contain(Call call, Text path) {
    Lookup lookup = lookups.get();
    lookup.call = call;
    lookup.path = path;
    return status.decide(lookup).hides();
  }

  /// The look at a name, links not followed, that the caller has not made.
  private static final class Lookup implements CallView {
    private static final Text NOTHING = new Text();
    private static final SocketAddress NO_ADDRESS = new SocketAddress();

    private @Nullable Call call;
    private Text path = NOTHING;

    @Override
    public long arg(int index) {
      return index == FLAGS ? OpenFlags.AT_SYMLINK_NOFOLLOW : 0;
    }

    @Override
    public Text canonicalPath(int index) {
      return path;
    }

    @Override
    public Text string(int index) {
      return NOTHING;
    }

    @Override
    public long openFlags() {
      return 0;
    }

    @Override
    public long openMode() {
      return 0;
    }

    @Override
    public SocketAddress address() {
      return NO_ADDRESS;
    }

    @Override
    public Text addressPath() {
      return NOTHING;
    }

    @Override
    public Text workingDirectory() {
      return Objects.requireNonNull(call).workingDirectory();
    }

    @Override
    public TaskView task() {
      return Objects.requireNonNull(call).task();
    }
  }
}
