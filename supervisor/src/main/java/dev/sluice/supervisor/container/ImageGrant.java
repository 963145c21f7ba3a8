package dev.sluice.supervisor.container;

import java.util.Set;

/// Which images a rule of the policy lets a container mount.
///
/// @param writable whether they may be written to
/// @param devices the block devices that may be mounted, beside files
/// @param most how many may be mounted at a time
record ImageGrant(boolean writable, Set<Device> devices, int most) {
  /// Each takes a loop device, and threads and memory of the kernel.
  static final int MOST = 64;
}
