package dev.sluice.agent.control;

import dev.sluice.supervisor.Load;
import dev.sluice.supervisor.Supervised;
import dev.sluice.supervisor.listener.Recovered;
import dev.sluice.supervisor.metrics.CallCounts;
import dev.sluice.supervisor.policy.Container;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.snapshots.ClassicHistogramBuckets;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot;
import io.prometheus.metrics.model.snapshots.HistogramSnapshot.HistogramDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;

/// The page that Prometheus reads. All of it is read from what is counted anyway, when somebody
/// asks; what is told of a container ends with it.
final class MetricsText {
  static final String TYPE = PrometheusTextFormatWriter.CONTENT_TYPE;

  private final Agent agent;

  MetricsText(Agent agent) {
    this.agent = agent;
  }

  byte[] write() {
    var out = new ByteArrayOutputStream();
    try {
      PrometheusTextFormatWriter.create().write(out, snapshots());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  private MetricSnapshots snapshots() {
    var all = MetricSnapshots.builder();
    containers(all);
    Load load = agent.sluice().load();
    gauge(all, "sluice_containers", "Containers that are supervised.", agent.containers().size());
    gauge(
        all,
        "sluice_listeners",
        "Listeners: one for each container and each exec in one.",
        agent.sluice().supervised().size());
    gauge(all, "sluice_policy_epoch", "How often policies were read.", agent.sluice().epoch());
    gauge(
        all,
        "sluice_policy_reload_failed",
        "Whether the policies that were read last do not decide.",
        agent.sluice().reloadFailed() ? 1 : 0);
    gauge(all, "sluice_worker_threads", "Threads that have a call.", load.busyThreads());
    gauge(all, "sluice_worker_processes", "Worker processes.", load.workerProcesses());
    counter(
        all,
        "sluice_worker_processes_started",
        "Worker processes started, for the first time or again.",
        load.workersStarted());
    gauge(all, "sluice_records_waiting", "Records not yet written.", load.recordsWaiting());
    counter(
        all,
        "sluice_records_lost",
        "Records that were not written: for want of room, or as a sink could not.",
        load.recordsLost());
    collections(all);
    return all.build();
  }

  private void containers(MetricSnapshots.Builder all) {
    var calls = CounterSnapshot.builder().name("sluice_calls").help("Calls that were answered.");
    var latencies =
        HistogramSnapshot.builder()
            .name("sluice_call_duration_seconds")
            .help("From the notification to the answer.");
    var pending =
        GaugeSnapshot.builder().name("sluice_pending_calls").help("Calls that workers have.");
    var limit =
        GaugeSnapshot.builder().name("sluice_pending_calls_limit").help("The most of them.");
    var recovered =
        CounterSnapshot.builder()
            .name("sluice_recovered_calls")
            .help("Calls that an agent before this one had received and not answered.");
    var info =
        GaugeSnapshot.builder()
            .name("sluice_container_info")
            .help("What a container is; always 1.");
    for (List<Supervised> listeners : agent.containers().values()) {
      Supervised first = listeners.getFirst();
      String id = first.container().id();
      first
          .counts()
          .counts()
          .forEach((key, count) ->
              calls.dataPoint(
                  new CounterDataPointSnapshot(
                      (double) count,
                      Labels.of(
                          "container", id,
                          "syscall", key.syscall(),
                          "rule", key.rule(),
                          "outcome", StateJson.lower(key.outcome())),
                      null,
                      0)));
      latencies.dataPoint(histogram(first.counts().latencies(), Labels.of("container", id)));
      int waiting = listeners.stream().mapToInt(each -> each.pending().size()).sum();
      pending.dataPoint(point(waiting, Labels.of("container", id)));
      limit.dataPoint(point(first.maxPending(), Labels.of("container", id)));
      for (Recovered outcome : Recovered.values()) {
        int count = first.counts().recovered(outcome);
        Labels labels = Labels.of("container", id, "outcome", StateJson.lower(outcome));
        recovered.dataPoint(new CounterDataPointSnapshot((double) count, labels, null, 0));
      }
      info.dataPoint(point(1, whatItIs(first)));
    }
    all.metricSnapshot(calls.build());
    all.metricSnapshot(latencies.build());
    all.metricSnapshot(pending.build());
    all.metricSnapshot(limit.build());
    all.metricSnapshot(recovered.build());
    all.metricSnapshot(info.build());
  }

  private static Labels whatItIs(Supervised supervised) {
    Container container = supervised.container();
    return Labels.of(
        "container", container.id(),
        "namespace", container.namespace(),
        "pod", container.pod(),
        "name", container.name(),
        "image", container.image(),
        "policy", supervised.choice().name(),
        "state", StateJson.lower(supervised.state()));
  }

  private static HistogramDataPointSnapshot histogram(
      CallCounts.Latencies latencies, Labels labels) {
    var bounds = new ArrayList<>(latencies.boundsSeconds());
    bounds.add(Double.POSITIVE_INFINITY);
    return HistogramDataPointSnapshot.builder()
        .classicHistogramBuckets(ClassicHistogramBuckets.of(bounds, latencies.counts()))
        .sum(latencies.sumSeconds())
        .labels(labels)
        .build();
  }

  private static void collections(MetricSnapshots.Builder all) {
    var count = CounterSnapshot.builder().name("jvm_gc_collections").help("Garbage collections.");
    var seconds = CounterSnapshot.builder().name("jvm_gc_seconds").help("What they took.");
    for (GarbageCollectorMXBean each : ManagementFactory.getGarbageCollectorMXBeans()) {
      Labels labels = Labels.of("gc", each.getName());
      count.dataPoint(
          new CounterDataPointSnapshot(
              (double) Math.max(each.getCollectionCount(), 0), labels, null, 0));
      seconds.dataPoint(
          new CounterDataPointSnapshot(
              Math.max(each.getCollectionTime(), 0) / 1e3, labels, null, 0));
    }
    all.metricSnapshot(count.build());
    all.metricSnapshot(seconds.build());
  }

  private static void gauge(MetricSnapshots.Builder all, String name, String help, long value) {
    all.metricSnapshot(
        GaugeSnapshot.builder()
            .name(name)
            .help(help)
            .dataPoint(point((double) value, Labels.EMPTY))
            .build());
  }

  private static void counter(MetricSnapshots.Builder all, String name, String help, long value) {
    all.metricSnapshot(
        CounterSnapshot.builder()
            .name(name)
            .help(help)
            .dataPoint(new CounterDataPointSnapshot((double) value, Labels.EMPTY, null, 0))
            .build());
  }

  private static GaugeDataPointSnapshot point(double value, Labels labels) {
    return new GaugeDataPointSnapshot(value, labels, null);
  }
}
