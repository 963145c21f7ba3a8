package dev.sluice.supervisor.handler;

import dev.sluice.supervisor.handler.exec.ExecHandler;
import dev.sluice.supervisor.handler.hide.Listing;
import dev.sluice.supervisor.handler.modify.ChmodHandler;
import dev.sluice.supervisor.handler.modify.ChownHandler;
import dev.sluice.supervisor.handler.modify.FileAttributesHandler;
import dev.sluice.supervisor.handler.modify.LinkHandler;
import dev.sluice.supervisor.handler.modify.MkdirHandler;
import dev.sluice.supervisor.handler.modify.MknodHandler;
import dev.sluice.supervisor.handler.modify.RemovexattrHandler;
import dev.sluice.supervisor.handler.modify.RenameHandler;
import dev.sluice.supervisor.handler.modify.SetxattrHandler;
import dev.sluice.supervisor.handler.modify.SymlinkHandler;
import dev.sluice.supervisor.handler.modify.TruncateHandler;
import dev.sluice.supervisor.handler.modify.UnlinkHandler;
import dev.sluice.supervisor.handler.modify.UtimeHandler;
import dev.sluice.supervisor.handler.mount.FsopenHandler;
import dev.sluice.supervisor.handler.mount.FspickHandler;
import dev.sluice.supervisor.handler.mount.MountHandler;
import dev.sluice.supervisor.handler.mount.MountSetattrHandler;
import dev.sluice.supervisor.handler.mount.MoveMountHandler;
import dev.sluice.supervisor.handler.mount.OpenTreeHandler;
import dev.sluice.supervisor.handler.mount.UmountHandler;
import dev.sluice.supervisor.handler.open.OpenHandler;
import dev.sluice.supervisor.handler.open.ReadOnlyHandler;
import dev.sluice.supervisor.handler.open.RedirectHandler;
import dev.sluice.supervisor.handler.open.Serving;
import dev.sluice.supervisor.handler.socket.BindHandler;
import dev.sluice.supervisor.handler.socket.ConnectHandler;
import dev.sluice.supervisor.handler.socket.SendHandler;
import dev.sluice.supervisor.handler.stat.AccessHandler;
import dev.sluice.supervisor.handler.stat.FanotifyHandler;
import dev.sluice.supervisor.handler.stat.FileGetattrHandler;
import dev.sluice.supervisor.handler.stat.GetxattrHandler;
import dev.sluice.supervisor.handler.stat.InotifyHandler;
import dev.sluice.supervisor.handler.stat.ListxattrHandler;
import dev.sluice.supervisor.handler.stat.NameToHandleHandler;
import dev.sluice.supervisor.handler.stat.ReadlinkHandler;
import dev.sluice.supervisor.handler.stat.StatHandler;
import dev.sluice.supervisor.handler.stat.StatfsHandler;
import dev.sluice.supervisor.policy.Action;
import dev.sluice.supervisor.policy.Emulation;
import dev.sluice.supervisor.policy.Emulations;
import dev.sluice.supervisor.policy.HiddenNames;
import dev.sluice.supervisor.policy.SafetyClass;
import dev.sluice.supervisor.policy.Template;
import dev.sluice.supervisor.policy.Verdict;
import dev.sluice.supervisor.target.Call;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.TreeMap;

/// The handlers there are: those built in, those on the class or module path, those in a directory
/// of plug-ins, and those a program has added.
public final class Handlers implements Emulations {
  /// The packages of what is built in, and those below them.
  private static final List<String> BUILT_IN =
      List.of("dev.sluice.supervisor.handler.", "dev.sluice.supervisor.container.");

  private static final Duration DEADLINE = Duration.ofSeconds(5);

  private final Map<String, SyscallHandler> byName = new TreeMap<>();

  /// What performs a call as the kernel would, by the call's name.
  private final Map<String, SyscallHandler> performers = new HashMap<>();

  private final Asker asker;

  private Handlers(Asker asker) {
    this.asker = asker;
  }

  /// @param added handlers of the program itself
  /// @param plugIns a directory of jars, whose handlers are found by [ServiceLoader]
  /// @throws IllegalArgumentException if two have one name, or a plug-in cannot be loaded
  public static Handlers load(List<SyscallHandler> added, Optional<Path> plugIns, Asker asker) {
    var handlers = new Handlers(asker);
    ServiceLoader.load(SyscallHandler.class, Handlers.class.getClassLoader())
        .forEach(handlers::add);
    added.forEach(handlers::add);
    plugIns.ifPresent(handlers::loadPlugIns);
    for (SyscallHandler performer :
        List.of(
            new OpenHandler(),
            new StatHandler(),
            new AccessHandler(),
            new ReadlinkHandler(),
            new GetxattrHandler(),
            new ListxattrHandler(),
            new FileGetattrHandler(),
            new StatfsHandler(),
            new NameToHandleHandler(),
            new InotifyHandler(),
            new FanotifyHandler(),
            new MkdirHandler(),
            new UnlinkHandler(),
            new MknodHandler(),
            new SymlinkHandler(),
            new TruncateHandler(),
            new ChmodHandler(),
            new ChownHandler(),
            new UtimeHandler(),
            new SetxattrHandler(),
            new RemovexattrHandler(),
            new FileAttributesHandler(),
            new ExecHandler(),
            new LinkHandler(),
            new RenameHandler(),
            new MountHandler(),
            new FsopenHandler(),
            new FspickHandler(),
            new OpenTreeHandler(),
            new MoveMountHandler(),
            new MountSetattrHandler(),
            new UmountHandler(),
            new ConnectHandler(),
            new BindHandler(),
            new SendHandler())) {
      performer.syscalls().forEach(call -> handlers.performers.put(call, performer));
    }
    return handlers;
  }

  private void add(SyscallHandler handler) {
    SyscallHandler other = byName.putIfAbsent(handler.name(), handler);
    if (other != null) {
      throw new IllegalArgumentException(
          "there are two handlers '"
              + handler.name()
              + "': "
              + other.getClass().getName()
              + " and "
              + handler.getClass().getName());
    }
  }

  private void loadPlugIns(Path directory) {
    var plugIns = PlugIns.in(directory);
    if (!plugIns.bringsAnything()) {
      throw new IllegalArgumentException("plug-ins \"" + directory + "\": no jar has a handler");
    }
    plugIns.all(SyscallHandler.class).forEach(this::add);
  }

  @Override
  public Set<String> names() {
    return byName.keySet();
  }

  @Override
  public Optional<Set<String>> callsOf(String name) {
    return Optional.ofNullable(byName.get(name)).map(SyscallHandler::syscalls);
  }

  @Override
  public Emulation create(String name, Map<String, String> options) {
    SyscallHandler handler = byName.get(name);
    if (handler == null) {
      throw new IllegalArgumentException("there is no handler '" + name + "'");
    }
    return adapt(handler.configure(options), options);
  }

  @Override
  public Optional<Emulation> performerOf(String call) {
    return Optional.ofNullable(performers.get(call)).map(handler -> adapt(handler, Map.of()));
  }

  @Override
  public Emulation asking(Action.Ask ask) {
    return new Asking(asker, ask);
  }

  @Override
  public Emulation serving(Template content) {
    return new Serving(content);
  }

  @Override
  public Emulation listing(HiddenNames hidden) {
    return new Listing(hidden);
  }

  /// Ours are trusted to return, and know what may be done on the event loop.
  private static Emulation adapt(SyscallHandler handler, Map<String, String> options) {
    return BUILT_IN.stream().anyMatch(handler.getClass().getName()::startsWith)
            && handler.getClass().getModule().equals(Handlers.class.getModule())
        ? new BuiltIn(handler, options)
        : new PlugIn(handler, options, DEADLINE);
  }

  private record BuiltIn(SyscallHandler handler, Map<String, String> options) implements Emulation {
    @Override
    public String name() {
      return handler.name();
    }

    @Override
    public Verdict perform(Call call) {
      return handler.handle(call, Context.INSTANCE);
    }

    @Override
    public Optional<Verdict> early(Call call) {
      return handler instanceof Performer performer ? performer.early(call) : Optional.empty();
    }

    @Override
    public boolean isOfFiles() {
      return handler instanceof ReadOnlyHandler || handler instanceof RedirectHandler;
    }

    @Override
    public boolean remembers() {
      return false;
    }

    @Override
    public SafetyClass safety() {
      return handler instanceof ExecHandler ? SafetyClass.VERIFIED : SafetyClass.EMULATED;
    }
  }
}
