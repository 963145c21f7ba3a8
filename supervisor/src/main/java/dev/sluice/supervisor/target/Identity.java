package dev.sluice.supervisor.target;

/// Everything the kernel looks at when a task names a file: who it is and what it sees. Tasks of
/// one identity can have their calls performed by the same process.
///
/// Of the namespaces those count on which the outcome of a call depends that is performed. Others
/// are seen in what is read of a file, by whoever reads it (uts, time), or are entered only where
/// the kernel asks whoever makes the call (pid), by a child of the worker: who is in it is seen
/// there.
///
/// @param userNamespace inode numbers of namespaces(7)
/// @param ipcNamespace whose parameters and objects a /proc/sys or /proc/sysvipc shows that is
///   opened, and a mqueue that is mounted
/// @param cgroupNamespace what a file of cgroups(7) that is opened may be used for, and the root of
///   a hierarchy that is mounted
/// @param pidNamespace that in which the children of a worker are born; 0 for that of the worker
public record Identity(
    Credentials credentials,
    long userNamespace,
    long mountNamespace,
    long networkNamespace,
    long ipcNamespace,
    long cgroupNamespace,
    long pidNamespace,
    RootDirectory root) {

  Identity withCredentials(Credentials other) {
    return with(other, userNamespace, pidNamespace, root);
  }

  /// The same, in another root directory.
  public Identity in(RootDirectory other) {
    return with(credentials, userNamespace, pidNamespace, other);
  }

  /// The same user, where it is, with these capabilities in the user namespace of another: for what
  /// a container may not do by itself.
  ///
  /// @param capabilities as a bit set
  public Identity privilegedBy(Identity other, long capabilities) {
    var mine = credentials;
    return with(
        new Credentials(mine.uids(), mine.gids(), mine.groups(), capabilities, capabilities),
        other.userNamespace,
        pidNamespace,
        root);
  }

  /// The same, whose children are born in a pid namespace.
  ///
  /// @param namespace its inode number
  public Identity withChildrenIn(long namespace) {
    return with(credentials, userNamespace, namespace, root);
  }

  private Identity with(
      Credentials who, long otherUserNamespace, long otherPidNamespace, RootDirectory otherRoot) {
    return new Identity(
        who,
        otherUserNamespace,
        mountNamespace,
        networkNamespace,
        ipcNamespace,
        cgroupNamespace,
        otherPidNamespace,
        otherRoot);
  }

  /// Ours.
  public static Identity ofSelf() {
    return Proc.ownIdentity();
  }
}
