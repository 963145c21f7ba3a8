package dev.sluice.supervisor.audit;

import java.security.DigestException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/// A hash over every line so far: SHA-256 of the hash before and of the line's bytes. A line that
/// is cut, changed or moved changes every hash from there on.
public final class HashChain {
  /// The hash before the first line of a session.
  public static final String START = "0".repeat(64);

  private static final int LENGTH = 32;

  private final MessageDigest digest;
  private final byte[] hash = new byte[LENGTH];

  public HashChain() {
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // every JVM has it
    }
  }

  /// Goes on from a hash in hexadecimal.
  public void restart(String from) {
    byte[] bytes = HexFormat.of().parseHex(from);
    System.arraycopy(bytes, 0, hash, 0, LENGTH);
  }

  /// Adds a line, up to its own hash, and returns the hash in hexadecimal.
  public String add(byte[] line, int from, int count) {
    digest.update(hash);
    digest.update(line, from, count);
    try {
      digest.digest(hash, 0, LENGTH);
    } catch (DigestException e) {
      throw new IllegalStateException(e); // it has 32 bytes
    }
    return hex();
  }

  public String hex() {
    return HexFormat.of().formatHex(hash);
  }
}
