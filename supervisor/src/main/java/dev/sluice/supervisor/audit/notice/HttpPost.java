package dev.sluice.supervisor.audit.notice;

import dev.sluice.supervisor.audit.ByteText;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/// JSON that is posted to one URL, and to no other: what follows a redirection is a GET most of the
/// time, whose 200 would say that somebody has what nobody got.
final class HttpPost {
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final int REDIRECTION = 3;

  /// In bytes; more is not what was asked for, and is not looked at.
  private static final int MAX_ANSWER = 64 * 1024;

  private final URI url;
  private final HttpRequest.Builder request;
  private final HttpClient client =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(PATIENCE)
          .followRedirects(HttpClient.Redirect.NEVER)
          .build();

  /// Throws [IllegalArgumentException] if one of the headers is none.
  HttpPost(URI url, Map<String, String> headers) {
    this.url = url;
    request =
        HttpRequest.newBuilder(url)
            .timeout(PATIENCE)
            .header("Content-Type", "application/json")
            .header("User-Agent", "sluice");
    headers.forEach(this::header);
  }

  private void header(String name, String value) {
    try {
      request.header(name, value);
    } catch (IllegalArgumentException e) {
      // its value may be secret, and is in the message of the exception
      throw new IllegalArgumentException(
          ByteText.of(name).quoted() + " with this value is no header of HTTP that can be set", e);
    }
  }

  /// The URL without what may be secret in it.
  String name() {
    String port = url.getPort() < 0 ? "" : ":" + url.getPort();
    return url.getScheme() + "://" + url.getHost() + port;
  }

  HttpResponse<String> json(String body) throws IOException, InterruptedException {
    // the timeout of a request ends with the head of its answer, and a body may never end
    var answer =
        client.sendAsync(
            request.copy().POST(HttpRequest.BodyPublishers.ofString(body)).build(),
            _ -> new Beginning());
    try {
      return answer.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw new IOException("no whole answer within " + PATIENCE.toSeconds() + " s", e);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof IOException failed ? failed : new IOException(e.getCause());
    } finally {
      answer.cancel(true);
    }
  }

  /// Of the answer. Whoever says more has given its status all the same.
  private static final class Beginning implements HttpResponse.BodySubscriber<String> {
    private final CompletableFuture<String> text = new CompletableFuture<>();
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private Flow.@Nullable Subscription subscription;

    @Override
    public CompletionStage<String> getBody() {
      return text;
    }

    @Override
    public void onSubscribe(Flow.Subscription to) {
      subscription = to;
      to.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(List<ByteBuffer> parts) {
      for (ByteBuffer part : parts) {
        var some = new byte[Math.min(part.remaining(), MAX_ANSWER - bytes.size())];
        part.get(some);
        bytes.writeBytes(some);
      }
      if (bytes.size() == MAX_ANSWER && subscription != null) {
        onComplete();
        subscription.cancel();
      }
    }

    @Override
    public void onError(Throwable failure) {
      text.completeExceptionally(failure);
    }

    @Override
    public void onComplete() {
      text.complete(bytes.toString(StandardCharsets.UTF_8));
    }
  }

  static boolean isRedirection(HttpResponse<?> response) {
    return response.statusCode() / 100 == REDIRECTION;
  }

  /// For messages: the status, and where a redirection leads, but for what may be secret.
  static String status(HttpResponse<?> response) {
    String status = "status " + response.statusCode();
    return isRedirection(response)
        ? response
            .headers()
            .firstValue("Location")
            .map(to -> status + ", which leads to " + ByteText.of(to.split("[?#]", 2)[0]).quoted())
            .orElse(status)
        : status;
  }

  void close() {
    client.shutdownNow();
  }
}
