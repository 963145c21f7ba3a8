/// What a container may not do by itself, and what is done for it nevertheless, if a policy says
/// so: a family of calls per handler. Each makes sure that the caller has the capability in the
/// container's own user namespace, lets the kernel check as much as it can as the caller, and does
/// the rest with as few capabilities of ours as it takes.
package dev.sluice.supervisor.container;
