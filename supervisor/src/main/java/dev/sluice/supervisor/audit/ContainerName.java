package dev.sluice.supervisor.audit;

import dev.sluice.supervisor.policy.Container;

/// A container, as records name it; what is not known of it is empty.
///
/// @param id what its OCI runtime calls it
/// @param namespace the Kubernetes namespace of its pod
/// @param name its own within the pod
/// @param image what it was made from
public record ContainerName(String id, String namespace, String pod, String name, String image) {
  static ContainerName of(Container container) {
    return new ContainerName(
        container.id(),
        container.namespace(),
        container.pod(),
        container.name(),
        container.image());
  }
}
