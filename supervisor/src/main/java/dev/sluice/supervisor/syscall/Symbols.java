package dev.sluice.supervisor.syscall;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// How a number in an argument is written with the names of the kernel's headers, as strace(1)
/// does: `O_WRONLY|O_CREAT`, `SEEK_SET`.
public final class Symbols {
  private record Symbol(String name, long number) {}

  private static final Map<String, Symbols> ALL = load();

  private final boolean bits;
  private final List<Symbol> symbols;
  private final long mask;
  private final List<Symbol> values;

  private Symbols(boolean bits, List<Symbol> symbols, long mask, List<Symbol> values) {
    this.bits = bits;
    this.symbols = List.copyOf(symbols);
    this.mask = mask;
    this.values = List.copyOf(values);
  }

  /// Those of a parameter of a call, or of a member of its structure (`how.flags`); empty if it is
  /// a plain number.
  ///
  /// @param arch whose constants they are
  public static Optional<Symbols> of(Arch arch, String call, String parameter) {
    String suffix = arch == Arch.AARCH64 ? "@aarch64" : "";
    Symbols own = ALL.get(call + "." + parameter + suffix);
    return Optional.ofNullable(own == null ? ALL.get("*." + parameter + suffix) : own);
  }

  /// The names of a number. What has none stands there in hexadecimal; as bits, 0 is `0`.
  public String text(long number) {
    return bits ? bits(number) : value(number, symbols).orElseGet(() -> plain(number));
  }

  private String bits(long number) {
    var set = new ArrayList<Symbol>();
    long rest = number;
    for (Symbol symbol : symbols) {
      if (symbol.number != 0 && (rest & symbol.number) == symbol.number) {
        set.add(symbol);
        rest &= ~symbol.number;
      }
    }
    set.sort((a, b) -> Long.compareUnsigned(a.number, b.number));
    var words = new ArrayList<String>();
    Optional<String> value =
        mask != 0 || number == 0 ? value(rest & mask, values) : Optional.empty();
    if (value.isPresent()) {
      words.add(value.get());
      rest &= ~mask;
    }
    set.forEach(symbol -> words.add(symbol.name));
    if (rest != 0 || words.isEmpty()) {
      words.add(plain(rest));
    }
    return String.join("|", words);
  }

  private static Optional<String> value(long number, List<Symbol> symbols) {
    for (Symbol symbol : symbols) {
      if (symbol.number == number) {
        return Optional.of(symbol.name);
      }
    }
    return Optional.empty();
  }

  private static String plain(long number) {
    return number == 0 ? "0" : "0x" + Long.toHexString(number);
  }

  private static Map<String, Symbols> load() {
    var all = new HashMap<String, Symbols>();
    TableFile.read(
        "symbols.tbl",
        fields -> {
          for (Arch arch : List.of(Arch.X86_64, Arch.AARCH64)) {
            Symbols symbols = read(fields, arch);
            for (String parameter : fields[1].split(",", -1)) {
              all.put(parameter + (arch == Arch.AARCH64 ? "@aarch64" : ""), symbols);
            }
          }
        });
    return Map.copyOf(all);
  }

  private static Symbols read(String[] fields, Arch arch) {
    boolean bits = fields[0].equals("bits");
    List<Symbol> symbols = symbols(fields[2], arch);
    if (bits) {
      // O_SYNC has the bit of O_DSYNC in it
      symbols.sort(Comparator.comparingInt(symbol -> -Long.bitCount(symbol.number)));
    }
    if (fields.length < 4) {
      return new Symbols(bits, symbols, 0, List.of());
    }
    int colon = fields[3].indexOf(':');
    long mask = Long.parseLong(fields[3].substring(0, colon));
    return new Symbols(bits, symbols, mask, symbols(fields[3].substring(colon + 1), arch));
  }

  private static List<Symbol> symbols(String words, Arch arch) {
    var symbols = new ArrayList<Symbol>();
    var excluded = new HashSet<String>();
    for (String word : words.split(",", -1)) {
      int equals = word.indexOf('=');
      if (word.startsWith("!")) {
        excluded.add(word.substring(1));
      } else if (equals > 0) {
        symbols.add(
            new Symbol(word.substring(0, equals), Long.parseLong(word.substring(equals + 1))));
      } else if (Constants.names().contains(word)) {
        symbols.add(constant(word, arch));
      } else {
        Constants.names().stream()
            .filter(name -> name.startsWith(word))
            .forEach(name -> symbols.add(constant(name, arch)));
      }
    }
    symbols.removeIf(symbol -> excluded.contains(symbol.name));
    return symbols;
  }

  private static Symbol constant(String name, Arch arch) {
    return new Symbol(name, Constants.of(name, arch).orElseThrow());
  }
}
