package dev.sluice.supervisor.audit.learn;

import dev.sluice.supervisor.audit.Address;
import dev.sluice.supervisor.audit.Denials;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// Addresses that were used, as the conditions that hold for them, and for the ports that the
/// kernel may choose the next time.
final class Addresses {
  /// What `ip_local_port_range` of ip(7) is if nobody has set it.
  private static final long FIRST_CHOSEN = 32768;

  private static final long LAST_CHOSEN = 60999;

  private static final Set<String> ALL = Set.of("0.0.0.0", "::");
  private static final Set<String> LOOPBACK = Set.of("127.0.0.1", "::1");

  private final Set<Address> addresses = new HashSet<>();

  void add(Address address) {
    addresses.add(address);
  }

  /// Those that no policy can speak of.
  long unsaid() {
    return addresses.stream().filter(address -> Denials.term(address).isEmpty()).count();
  }

  /// CEL terms, one of which holds for each of them that a policy can speak of.
  ///
  /// @param bound where the same program could be reached
  Set<String> terms(Addresses bound) {
    var terms = new TreeSet<String>();
    for (Address address : addresses) {
      term(address, bound).ifPresent(terms::add);
    }
    return terms;
  }

  private static Optional<String> term(Address address, Addresses bound) {
    Optional<String> term =
        bound.mayChoose(address)
            ? Optional.of(
                "address.ip == %s && address.port >= %d && address.port <= %d"
                    .formatted(Denials.cel(address.ip()), FIRST_CHOSEN, LAST_CHOSEN))
            : Denials.term(address);
    return term.map(text -> text.contains(" && ") ? "(" + text + ")" : text);
  }

  /// Whether somebody bound to port 0 there, for the kernel to choose one like that.
  private boolean mayChoose(Address address) {
    return address.port() >= FIRST_CHOSEN
        && address.port() <= LAST_CHOSEN
        && !address.ip().isEmpty()
        && addresses.stream()
            .filter(own -> own.port() == 0)
            .anyMatch(own ->
                own.ip().equals(address.ip())
                    || (ALL.contains(own.ip()) && LOOPBACK.contains(address.ip())));
  }
}
