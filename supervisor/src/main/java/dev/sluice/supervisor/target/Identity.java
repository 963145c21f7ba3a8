package dev.sluice.supervisor.target;

/// Everything the kernel looks at when a task names a file: who it is and what it sees. Tasks of
/// one identity can have their calls performed by the same process.
///
/// @param userNamespace inode numbers of namespaces(7)
/// @param root its root directory as we see it: `/` if it is ours and so is the mount namespace
public record Identity(
    Credentials credentials,
    long userNamespace,
    long mountNamespace,
    long networkNamespace,
    String root) {

  Identity withCredentials(Credentials other) {
    return new Identity(other, userNamespace, mountNamespace, networkNamespace, root);
  }

  /// The same user, where it is, with these capabilities in the user namespace of another: for what
  /// a container may not do by itself.
  ///
  /// @param capabilities as a bit set
  public Identity privilegedBy(Identity other, long capabilities) {
    var mine = credentials;
    return new Identity(
        new Credentials(mine.uids(), mine.gids(), mine.groups(), capabilities, capabilities),
        other.userNamespace,
        mountNamespace,
        networkNamespace,
        root);
  }

  /// Ours.
  public static Identity ofSelf() {
    return Proc.ownIdentity();
  }
}
