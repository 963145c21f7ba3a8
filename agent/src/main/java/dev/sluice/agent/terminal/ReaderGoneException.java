package dev.sluice.agent.terminal;

/// Whoever read standard output wants no more of it, as head(1).
public final class ReaderGoneException extends RuntimeException {
  private static final long serialVersionUID = 1;
}
