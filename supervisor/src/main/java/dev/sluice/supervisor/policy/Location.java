package dev.sluice.supervisor.policy;

/// A place in a policy file, lines and columns from 1.
public record Location(String file, int line, int column) {
  @Override
  public String toString() {
    return file + ":" + line + ":" + column;
  }
}
