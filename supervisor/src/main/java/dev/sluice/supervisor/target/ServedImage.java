package dev.sluice.supervisor.target;

/// An image of a file system that a program of this machine serves (fuse(4)).
///
/// @param program its name, to be found where programs are
/// @param descriptor the image, opened: ours
/// @param writable whether it is to be written to
/// @param attributes of the mount, as of fsmount(2)
public record ServedImage(String program, int descriptor, boolean writable, int attributes) {}
