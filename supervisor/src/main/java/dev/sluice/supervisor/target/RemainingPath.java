package dev.sluice.supervisor.target;

import java.util.Arrays;

/// What is left of a path while it is walked: the texts of the links that were followed, each in
/// the place of its name, one above the other as in the kernel. Nothing is joined: each text may
/// have 4,095 bytes, and two thousand components that end in the next.
final class RemainingPath {
  private final byte[][] texts;
  private final int[] positions;

  /// Of each text: whether nothing but slashes is left below it, and whether a slash is.
  private final boolean[] isLastBelow;

  private final boolean[] isSlashBelow;
  private int top;

  /// @param maxLinks how many links may be followed
  RemainingPath(byte[] path, int maxLinks) {
    texts = new byte[maxLinks + 1][];
    positions = new int[maxLinks + 1];
    isLastBelow = new boolean[maxLinks + 1];
    isSlashBelow = new boolean[maxLinks + 1];
    texts[0] = path;
    isLastBelow[0] = true;
  }

  /// Goes to the next component, or to the end. Returns whether there was a slash.
  boolean skipSlashes() {
    boolean found = false;
    while (true) {
      int before = positions[top];
      positions[top] = behindSlashes();
      found |= positions[top] > before;
      if (!isOver() || top == 0) {
        return found;
      }
      top--;
    }
  }

  /// After [#skipSlashes]: whether there is no component.
  boolean isAtEnd() {
    return top == 0 && isOver();
  }

  /// Takes the component that follows.
  byte[] next() {
    byte[] text = texts[top];
    int from = positions[top];
    int to = from;
    while (to < text.length && text[to] != '/') {
      to++;
    }
    positions[top] = to;
    return Arrays.copyOfRange(text, from, to);
  }

  /// Behind a component: whether a slash follows.
  boolean isSlash() {
    return !isOver() || isSlashBelow[top];
  }

  /// Behind a component: whether it was the last.
  boolean isLast() {
    return behindSlashes() == texts[top].length && isLastBelow[top];
  }

  /// Behind a component, which was a link: its text comes next.
  void follow(byte[] text) {
    boolean isLast = isLast();
    boolean isSlash = isSlash();
    if (!isOver()) {
      top++;
    }
    texts[top] = text;
    positions[top] = 0;
    isLastBelow[top] = isLast;
    isSlashBelow[top] = isSlash;
  }

  private boolean isOver() {
    return positions[top] == texts[top].length;
  }

  private int behindSlashes() {
    byte[] text = texts[top];
    int i = positions[top];
    while (i < text.length && text[i] == '/') {
      i++;
    }
    return i;
  }
}
