package dev.sluice.supervisor;

import dev.sluice.supervisor.policy.choice.PolicyFiles.Source;

/// The policies of a listener that somebody before us answered ([Sluice#attachKept]).
///
/// @param installed the one that its filter is for
/// @param deciding the one that decided last, which may be another since a reload
public record EarlierPolicies(Source installed, Source deciding) {}
