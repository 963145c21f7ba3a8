package dev.sluice.supervisor.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ContainerTest {
  private static final Map<String, String> OF_CONTAINERD =
      Map.of(
          "io.kubernetes.cri.sandbox-namespace", "kube-system",
          "io.kubernetes.cri.sandbox-name", "proxy",
          "io.kubernetes.cri.container-name", "main",
          "io.kubernetes.cri.image-name", "registry.example/proxy:1");

  private static final Map<String, String> OF_CRI_O =
      Map.of(
          "io.container.manager", "cri-o",
          "io.kubernetes.pod.namespace", "shop",
          "io.kubernetes.pod.name", "web-0",
          "io.kubernetes.container.name", "web",
          "io.kubernetes.cri-o.ImageName", "registry.example/web:1");

  private static String names(Map<String, String> annotations) {
    var container = new Container("id", "/bundle", annotations);
    return String.join(
        " ", container.namespace(), container.pod(), container.name(), container.image());
  }

  @Test
  void isCalledWhatItsRuntimeSays() {
    assertThat(names(OF_CONTAINERD)).isEqualTo("kube-system proxy main registry.example/proxy:1");
    assertThat(names(OF_CRI_O)).isEqualTo("shop web-0 web registry.example/web:1");
    assertThat(names(Map.of())).isBlank();
  }

  /// CRI-O passes on what a pod says; only the kubelet's own labels cannot be written there.
  @Test
  void aPodOfCriODoesNotChooseWhatItIsCalled() {
    var both = new HashMap<>(OF_CONTAINERD);
    both.put("io.kubernetes.cri-o.Namespace", "kube-system");
    both.putAll(OF_CRI_O);
    assertThat(names(both)).isEqualTo("shop web-0 web registry.example/web:1");
    both.remove("io.kubernetes.pod.namespace");
    assertThat(names(both)).startsWith(" web-0");
  }
}
