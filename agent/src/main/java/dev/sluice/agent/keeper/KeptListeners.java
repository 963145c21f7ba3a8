package dev.sluice.agent.keeper;

import dev.sluice.agent.oci.Announcement;
import dev.sluice.agent.oci.HandOver;
import dev.sluice.supervisor.Handed;
import dev.sluice.supervisor.Sluice;
import dev.sluice.supervisor.SluiceException;
import dev.sluice.supervisor.Supervised;
import dev.sluice.supervisor.Supervised.State;
import dev.sluice.supervisor.kernel.Processes;
import dev.sluice.supervisor.kernel.SyscallException;
import dev.sluice.supervisor.policy.FileErrors;
import dev.sluice.supervisor.policy.PolicyException;
import dev.sluice.supervisor.policy.choice.PolicyFiles.Source;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The listeners of containers that outlive us. The service manager holds the descriptors; a
/// directory has, for each, what the runtime said of it, its policy and the journal of its calls.
public final class KeptListeners {
  private static final Logger LOG = LoggerFactory.getLogger(KeptListeners.class);
  private static final String PREFIX = "listener-";
  private static final String STATE = ".state";
  private static final String JOURNAL = ".journal";
  private static final String POLICY = ".policy";
  private static final String DECIDING = ".deciding";

  /// What is imposed on the container, if anything is.
  private static final String IMPOSED = ".imposed";

  /// A listener's key, and one of these; what others may have put there stays.
  private static final Pattern OURS =
      Pattern.compile("(\\p{XDigit}{16})\\.(new|state|imposed|(journal|policy|deciding)(\\.new)?)");

  private static final Set<PosixFilePermission> ONLY_OURS =
      PosixFilePermissions.fromString("rwx------");

  private final ServiceManager manager;
  private final Path directory;
  private final Sluice sluice;

  private KeptListeners(ServiceManager manager, Path directory, Sluice sluice) {
    this.manager = manager;
    this.directory = directory;
    this.sluice = sluice;
  }

  /// Makes the directory, for us alone. One that is there must be so: we believe what lies in it.
  ///
  /// @throws IOException if it is not, or cannot be made
  public static Path prepare(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      return Files.createDirectory(directory, PosixFilePermissions.asFileAttribute(ONLY_OURS));
    }
    int owner = (int) Files.getAttribute(directory, "unix:uid");
    Set<PosixFilePermission> mode = Files.getPosixFilePermissions(directory);
    if (owner != Processes.geteuid() || !ONLY_OURS.containsAll(mode)) {
      throw new FileSystemException(
          directory.toString(),
          null,
          "it belongs to user %d and is %s; it must be user %d's, and closed to others (mode 0700)"
              .formatted(owner, PosixFilePermissions.toString(mode), Processes.geteuid()));
    }
    return directory;
  }

  /// Goes on with those that somebody before us has left.
  ///
  /// @param directory which is [#prepare]d
  public static KeptListeners takeBack(ServiceManager manager, Path directory, Sluice sluice)
      throws IOException {
    var kept = new KeptListeners(manager, directory, sluice);
    var names = new HashSet<String>();
    for (ServiceManager.Passed each : manager.take()) {
      if (each.name().startsWith(PREFIX)) {
        names.add(each.name().substring(PREFIX.length()));
        kept.takeBack(each);
      }
    }
    kept.removeOthers(names);
    return kept;
  }

  /// What supervises them.
  public Sluice sluice() {
    return sluice;
  }

  private void takeBack(ServiceManager.Passed passed) {
    String key = passed.name().substring(PREFIX.length());
    HandOver handOver;
    Handed handed;
    KeptPolicies policies;
    try {
      handOver = HandOver.again(Files.readString(file(key, STATE)), passed.fd());
      handed = handOver.handed().again(imposed(key));
      policies = KeptPolicies.read(file(key, POLICY), file(key, DECIDING));
    } catch (NoSuchFileException | CharacterCodingException | IllegalArgumentException e) {
      // whoever it is, its policy is not known: nothing is decided by another
      LOG.error("\"{}\": {}: its listener is closed", file(key, STATE), e.getMessage());
      dev.sluice.supervisor.kernel.Files.close(passed.fd());
      forget(key);
      return;
    } catch (IOException e) {
      // such as EMFILE or EIO: what is kept of it may be right, and is for the next agent to read
      LOG.error(
          "\"{}\": {}: the calls of its container wait for the next agent",
          file(key, STATE),
          e.getMessage());
      dev.sluice.supervisor.kernel.Files.close(passed.fd());
      return;
    }
    try {
      serve(key, handOver, handed, policies);
    } catch (PolicyException | SluiceException e) {
      LOG.error("container {} is not supervised: {}", handed.container().id(), e.getMessage());
      forget(key); // its calls fail with ENOSYS now
    } catch (IOException | SyscallException | CompletionException e) {
      // such as ENOSPC or EMFILE: it has a policy and a journal, and both are right
      LOG.error(
          "container {} is not supervised: {}: its calls wait for the next agent",
          handed.container().id(),
          e.getMessage());
    } catch (RuntimeException | OutOfMemoryError e) {
      // a fault of ours, or more than there is memory for: the others are served all the same
      LOG.error(
          "container {} is not supervised: its calls wait for the next agent",
          handed.container().id(),
          e);
    }
  }

  private State imposed(String key) throws IOException {
    try {
      String noted = Files.readString(file(key, IMPOSED));
      // refused too if whoever noted it ended before the word was written
      return noted.equals(State.KILLED.name()) ? State.KILLED : State.QUARANTINED;
    } catch (NoSuchFileException nothing) {
      return State.SUPERVISED;
    }
  }

  /// So that it holds for whoever comes after us.
  private void note(String key, State state) {
    try {
      if (state.isImposed()) {
        Files.writeString(file(key, IMPOSED), state.name());
      } else {
        Files.deleteIfExists(file(key, IMPOSED));
      }
    } catch (IOException e) {
      LOG.error("after a restart, {} will not be so: {}", state, e.getMessage());
    }
  }

  private static void note(KeptPolicies policies, Source source) {
    try {
      policies.keep(source);
    } catch (IOException e) {
      LOG.error("after a restart, the policy before may decide: {}", e.getMessage());
    }
  }

  /// What belongs to listeners that are no more.
  private void removeOthers(Set<String> keys) throws IOException {
    try (var files = Files.list(directory)) {
      for (Path file : files.toList()) {
        Matcher ours = OURS.matcher(file.getFileName().toString());
        if (ours.matches() && !keys.contains(ours.group(1))) {
          remove(file);
        }
      }
    }
  }

  private static void remove(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) { // it is in nobody's way
      LOG.warn("\"{}\" cannot be removed: {}", file, FileErrors.reason(e));
    }
  }

  /// Serves a listener that has just been handed over. Nothing is answered before it is kept.
  /// Returns whether it is served.
  public boolean attach(HandOver handOver) {
    String key = "%016x".formatted(ThreadLocalRandom.current().nextLong());
    Handed handed = handOver.handed();
    String id = handed.container().id();
    var policies = new KeptPolicies(file(key, POLICY), file(key, DECIDING));
    try {
      Optional<Source> policy = sluice.source(handed);
      if (policy.isPresent()) {
        policies.keep(policy.get());
      }
      Path aside = file(key, ".new");
      Files.writeString(aside, handOver.text());
      Files.move(aside, file(key, STATE), StandardCopyOption.ATOMIC_MOVE);
      manager.store(PREFIX + key, handOver.listener());
    } catch (IOException | SyscallException e) {
      LOG.error("a listener cannot be kept, and ends with us: {}", e.getMessage());
    }
    boolean served = false;
    try {
      serve(key, handOver, handed, policies);
      served = true;
    } catch (PolicyException | SluiceException | IOException e) {
      // its calls fail with ENOSYS now
      LOG.error("container {} is not supervised: {}", id, e.getMessage());
    } finally {
      if (!served) {
        forget(key);
      }
    }
    return served;
  }

  private void serve(String key, HandOver handOver, Handed handed, KeptPolicies policies)
      throws PolicyException, IOException {
    Supervised supervised =
        sluice.attachKept(handOver.listener(), handed, file(key, JOURNAL), policies.known());
    supervised.onState(state -> note(key, state));
    supervised.onPolicy(source -> note(policies, source));
    Announcement.of(supervised);
    // not on the event loop
    var _ =
        supervised
            .ended()
            .thenRunAsync(() -> {
              Announcement.ofEnd(supervised);
              // or what a reload notes of it just now would stay
              supervised.onState(_ -> {});
              supervised.onPolicy(_ -> {});
              forget(key);
            });
  }

  private void forget(String key) {
    try {
      manager.remove(PREFIX + key);
      Files.deleteIfExists(file(key, STATE));
      Files.deleteIfExists(file(key, JOURNAL));
      Files.deleteIfExists(file(key, IMPOSED));
      Files.deleteIfExists(file(key, POLICY));
      Files.deleteIfExists(file(key, DECIDING));
    } catch (IOException | SyscallException e) {
      LOG.warn("what was kept of a listener stays: {}", e.getMessage());
    }
  }

  private Path file(String key, String suffix) {
    return directory.resolve(key + suffix);
  }
}
