/// How OCI runtimes hand listeners over (runtime-spec, config-linux.md,
/// `linux.seccomp.listenerPath`).
package dev.sluice.agent.oci;
