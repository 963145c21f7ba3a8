package dev.sluice.supervisor.target;

/// Everything the kernel looks at when a task names a file: who it is and what it sees. Tasks of
/// one identity can have their calls performed by the same process.
///
/// Of the namespaces those count on which the outcome of a call depends that is performed. Others
/// are seen in what is read of a file, by whoever reads it (uts, time), or are not entered (pid).
///
/// @param userNamespace inode numbers of namespaces(7)
/// @param ipcNamespace whose parameters and objects a /proc/sys or /proc/sysvipc shows that is
///   opened, and a mqueue that is mounted
/// @param cgroupNamespace what a file of cgroups(7) that is opened may be used for, and the root of
///   a hierarchy that is mounted
public record Identity(
    Credentials credentials,
    long userNamespace,
    long mountNamespace,
    long networkNamespace,
    long ipcNamespace,
    long cgroupNamespace,
    RootDirectory root) {

  Identity withCredentials(Credentials other) {
    return with(other, userNamespace);
  }

  /// The same user, where it is, with these capabilities in the user namespace of another: for what
  /// a container may not do by itself.
  ///
  /// @param capabilities as a bit set
  public Identity privilegedBy(Identity other, long capabilities) {
    var mine = credentials;
    return with(
        new Credentials(mine.uids(), mine.gids(), mine.groups(), capabilities, capabilities),
        other.userNamespace);
  }

  private Identity with(Credentials who, long otherUserNamespace) {
    return new Identity(
        who,
        otherUserNamespace,
        mountNamespace,
        networkNamespace,
        ipcNamespace,
        cgroupNamespace,
        root);
  }

  /// Ours.
  public static Identity ofSelf() {
    return Proc.ownIdentity();
  }
}
