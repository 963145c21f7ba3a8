package dev.sluice.supervisor.policy;

import dev.sluice.supervisor.target.Vector;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Set;

/// Which policy decided: what records say of it.
public final class Edition {
  /// Of what is in no file.
  public static final Edition NONE = new Edition("", "", 0, false, Set.of());

  private final String name;
  private final String text;
  private final int epoch;
  private final boolean lossless;
  private final Set<Vector> shown;
  private volatile String digest = "";

  /// @param epoch how often a supervisor had read its policy by then, from 1; 0 if none has
  /// @param lossless whether a call waits until there is room for its record
  /// @param shown what records show that takes a look at the caller's memory
  Edition(String name, String text, int epoch, boolean lossless, Set<Vector> shown) {
    this.name = name;
    this.text = text;
    this.epoch = epoch;
    this.lossless = lossless;
    this.shown = Set.copyOf(shown);
  }

  /// The same as the supervisor's `number`th.
  Edition of(int number) {
    return new Edition(name, text, number, lossless, shown);
  }

  public String name() {
    return name;
  }

  /// Whether the policy has that text.
  public boolean isOf(String other) {
    return text.equals(other);
  }

  public int epoch() {
    return epoch;
  }

  public boolean lossless() {
    return lossless;
  }

  public Set<Vector> shown() {
    return shown;
  }

  /// SHA-256 of the policy's text in UTF-8, in hexadecimal: as sha256sum(1) says of its file.
  public String digest() {
    if (digest.isEmpty()) {
      try {
        byte[] hash =
            MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        digest = HexFormat.of().formatHex(hash);
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException(e); // every JVM has it
      }
    }
    return digest;
  }
}
