/// How OCI runtimes hand listeners over (runtime-spec, config-linux.md,
/// `linux.seccomp.listenerPath`).
@NullMarked
package dev.sluice.agent.oci;

import org.jspecify.annotations.NullMarked;
