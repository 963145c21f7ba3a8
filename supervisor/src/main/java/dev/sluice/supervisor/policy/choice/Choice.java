package dev.sluice.supervisor.policy.choice;

/// The policy a container is to be under.
///
/// @param name of the policy; empty if nothing names one
/// @param reason where that name stands, such as `listenerMetadata`
public record Choice(String name, String reason) {
  static final Choice NONE = new Choice("", "nothing names a policy, and there is no default");
}
