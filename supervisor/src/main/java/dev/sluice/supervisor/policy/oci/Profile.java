package dev.sluice.supervisor.policy.oci;

import dev.sluice.supervisor.policy.Location;
import dev.sluice.supervisor.syscall.Arch;
import java.util.List;
import java.util.Set;

/// A seccomp profile as it applies here: what is for other machines is left out.
///
/// @param defaultAction a `SECCOMP_RET_` value with its data
/// @param x32 whether x32 calls have rules, too
record Profile(
    Location location,
    int defaultAction,
    Set<Arch> architectures,
    boolean x32,
    List<ProfileRule> rules) {}
