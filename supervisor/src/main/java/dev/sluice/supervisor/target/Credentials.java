package dev.sluice.supervisor.target;

import java.util.List;

/// What credentials(7) and capabilities(7) say of a task, numbered as in our user namespace.
///
/// @param uids real, effective, saved, file system
/// @param gids likewise
/// @param groups supplementary
/// @param effective capabilities as a bit set
public record Credentials(
    List<Integer> uids, List<Integer> gids, List<Integer> groups, long effective) {}
