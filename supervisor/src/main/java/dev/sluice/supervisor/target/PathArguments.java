package dev.sluice.supervisor.target;

import dev.sluice.supervisor.syscall.PathParameter;

/// The paths of a call: copied from its caller when first asked for, and resolved when it is asked
/// where they lead.
final class PathArguments {
  static final int MAX = 2;

  private final Call call;
  private final PathArgument[] paths = new PathArgument[MAX];

  PathArguments(Call call) {
    this.call = call;
    for (int i = 0; i < MAX; i++) {
      paths[i] = new PathArgument();
    }
  }

  /// The `index`th, whatever is known of it.
  PathArgument at(int index) {
    return paths[index];
  }

  /// As it was given.
  PathArgument copied(int index) {
    PathArgument path = paths[index];
    if (path.state == PathArgument.State.EMPTY) {
      call.memory().markRead();
      path.copy(call, parameter(index));
    }
    return path;
  }

  /// With what it leads to.
  PathArgument resolved(int index) {
    PathArgument path = copiedAfterFlags(index);
    if (path.state == PathArgument.State.COPIED) {
      path.resolve(call, parameter(index));
    }
    return path;
  }

  /// The kernel looks at the flags of an open before it copies the path.
  private PathArgument copiedAfterFlags(int index) {
    try {
      return copied(index);
    } catch (Abort wrong) {
      if (parameter(index).last() == PathParameter.Last.OPEN) {
        call.open();
      }
      throw wrong;
    }
  }

  private PathParameter parameter(int index) {
    return call.kind().paths().get(index);
  }

  /// Has them resolved again.
  void unpin() {
    for (PathArgument path : paths) {
      path.unpin();
    }
  }

  /// Closes what they lead to; what is known of it stays.
  void close() {
    for (PathArgument path : paths) {
      path.close();
    }
  }

  void clear() {
    for (PathArgument path : paths) {
      path.clear();
    }
  }
}
