package dev.sluice.supervisor.audit.alert;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;

/// Whoever listens at a URL: alerts are posted as a JSON array of up to a hundred.
public final class WebhookTarget implements AlertTarget {
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final int TIMEOUT = 408;
  private static final int TOO_MANY = 429;

  private final URI url;
  private final HttpClient client =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(PATIENCE)
          .followRedirects(HttpClient.Redirect.NORMAL)
          .build();

  /// @param url of scheme `http` or `https`
  public WebhookTarget(URI url) {
    this.url = url;
  }

  /// Without what may be secret in it.
  @Override
  public String name() {
    return url.getScheme() + "://" + url.getAuthority();
  }

  @Override
  public int deliver(List<Alert> alerts) throws IOException, InterruptedException {
    String body = alerts.stream().map(Alert::json).collect(Collectors.joining(",", "[", "]"));
    var request =
        HttpRequest.newBuilder(url)
            .timeout(PATIENCE)
            .header("Content-Type", "application/json")
            .header("User-Agent", "sluice")
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build();
    int status = client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
    if (status / 100 == 2) {
      return alerts.size();
    }
    boolean forGood = status / 100 == 4 && status != TIMEOUT && status != TOO_MANY;
    throw forGood ? new RefusedException("status " + status) : new IOException("status " + status);
  }

  @Override
  public void close() {
    client.shutdownNow();
  }
}
