package dev.sluice.supervisor.policy;

import java.util.List;
import java.util.Map;
import java.util.Objects;

/// What a policy may ask of the container its targets are in, under the names the OCI runtime
/// specification has (runtime.md, State). It is known before the first call, so that conditions
/// about it are decided once. What an orchestrator or engine calls it is in its annotations, under
/// names of containerd (pkg/cri/annotations), CRI-O (pkg/annotations) or podman; empty if it is in
/// none of them.
public record Container(String id, String bundle, Map<String, String> annotations) {
  /// For targets that are in none: all texts are empty.
  public static final Container NONE = new Container("", "", Map.of());

  public Container {
    annotations = Map.copyOf(annotations);
  }

  /// Whether CRI-O made it. That passes all annotations of a pod on, so that whoever writes pods
  /// could use the names of containerd; the kubelet's labels, which are among the annotations too,
  /// take the place of what a pod says.
  private boolean isOfCriO() {
    return "cri-o".equals(annotations.get("io.container.manager"));
  }

  /// The Kubernetes namespace of its pod.
  public String namespace() {
    return annotated(
        "io.kubernetes.pod.namespace",
        List.of(
            "io.kubernetes.cri.sandbox-namespace",
            "io.kubernetes.pod.namespace",
            "io.kubernetes.cri-o.Namespace"));
  }

  /// The name of its pod.
  public String pod() {
    return annotated(
        "io.kubernetes.pod.name",
        List.of("io.kubernetes.cri.sandbox-name", "io.kubernetes.pod.name"));
  }

  /// Its own name within the pod; the command's, if it is one.
  public String name() {
    return annotated(
        "io.kubernetes.container.name",
        List.of(
            "io.kubernetes.cri.container-name",
            "io.kubernetes.container.name",
            "dev.sluice.command"));
  }

  /// The image it was made from.
  public String image() {
    return annotated(
        "io.kubernetes.cri-o.ImageName",
        List.of(
            "io.kubernetes.cri.image-name",
            "io.kubernetes.cri-o.ImageName",
            "io.container.image-name"));
  }

  private String annotated(String ofCriO, List<String> keys) {
    List<String> asked = isOfCriO() ? List.of(ofCriO) : keys;
    return asked.stream().map(annotations::get).filter(Objects::nonNull).findFirst().orElse("");
  }
}
