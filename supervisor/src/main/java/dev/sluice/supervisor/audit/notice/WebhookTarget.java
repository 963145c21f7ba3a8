package dev.sluice.supervisor.audit.notice;

import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// Whoever listens at a URL: alerts are posted as a JSON array of up to a hundred.
public final class WebhookTarget implements NoticeTarget {
  private static final int TIMEOUT = 408;
  private static final int TOO_MANY = 429;

  private final HttpPost post;

  /// @param url of scheme `http` or `https`
  public WebhookTarget(URI url) {
    post = new HttpPost(url, Map.of());
  }

  @Override
  public String name() {
    return post.name();
  }

  @Override
  public int deliver(List<Notice> notices) throws IOException, InterruptedException {
    String body = notices.stream().map(Notice::json).collect(Collectors.joining(",", "[", "]"));
    var response = post.json(body);
    int status = response.statusCode();
    if (status / 100 == 2) {
      return notices.size();
    }
    boolean forGood =
        HttpPost.isRedirection(response)
            || (status / 100 == 4 && status != TIMEOUT && status != TOO_MANY);
    String message = HttpPost.status(response);
    throw forGood ? new RefusedException(message) : new IOException(message);
  }

  @Override
  public void close() {
    post.close();
  }
}
