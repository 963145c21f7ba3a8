package dev.sluice.agent.control;

import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One connection, and the one request that is answered on it, by a thread that may wait. However
/// slowly a client asks or reads, it is gone in time.
final class RequestHandler extends SimpleChannelInboundHandler<FullHttpRequest> {
  private static final Logger LOG = LoggerFactory.getLogger(RequestHandler.class);
  private static final int ASKING_SECONDS = 10;
  private static final int READING_SECONDS = 30;

  private static final String CONTINUE = HttpHeaderValues.CONTINUE.toString();

  private static final Pattern AUTHORITY =
      Pattern.compile("^https?://[^/?]*", Pattern.CASE_INSENSITIVE);

  private final Api api;
  private final Access access;
  private final ExecutorService threads;
  private @Nullable Future<?> deadline;
  private boolean asked;

  RequestHandler(Api api, Access access, ExecutorService threads) {
    super(FullHttpRequest.class);
    this.api = api;
    this.access = access;
    this.threads = threads;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext context) {
    closeIn(ASKING_SECONDS, context);
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    stopClock();
  }

  private void closeIn(int seconds, ChannelHandlerContext context) {
    stopClock();
    Runnable close =
        () -> {
          var _ = context.close();
        };
    deadline = context.executor().schedule(close, seconds, TimeUnit.SECONDS);
  }

  private void stopClock() {
    if (deadline != null) {
      deadline.cancel(false);
    }
  }

  @Override
  protected void channelRead0(ChannelHandlerContext context, FullHttpRequest request) {
    if (asked) {
      return; // it was told that the connection ends with the answer
    }
    asked = true;
    stopClock();
    context.channel().config().setAutoRead(false);
    if (!request.decoderResult().isSuccess()) {
      send(context, Answer.error(400, "this is not HTTP"));
      return;
    }
    String expected = request.headers().get(HttpHeaderNames.EXPECT, CONTINUE);
    if (!expected.equalsIgnoreCase(CONTINUE)) {
      send(context, Answer.error(417, "nothing is expected but " + CONTINUE));
      return;
    }
    String method = request.method().name();
    String path = path(request.uri());
    Optional<String> refusal =
        Api.isOpen(path)
            ? Optional.empty()
            : access.refusal(method, request.headers().get(HttpHeaderNames.AUTHORIZATION, ""));
    if (refusal.isPresent()) {
      send(context, Answer.error(403, refusal.get()));
      return;
    }
    byte[] body = ByteBufUtil.getBytes(request.content());
    try {
      threads.execute(() -> {
        Answer answer = answer(method, path, body);
        // whoever ends the loop waits for this thread first
        CompletableFuture.runAsync(() -> send(context, answer), context.executor()).join();
      });
    } catch (RejectedExecutionException ending) {
      send(context, Answer.error(503, "the agent ends"));
    }
  }

  /// Of a target that may begin with a scheme and a host, as proxies say it (RFC 9112, 3.2.2).
  private static String path(String target) {
    String path = new QueryStringDecoder(AUTHORITY.matcher(target).replaceFirst("")).rawPath();
    return path.isEmpty() ? "/" : path;
  }

  /// A request that is too long is not heard out, and none comes from who says no more.
  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    if (event == ChannelInputShutdownEvent.INSTANCE && !asked) {
      var _ = context.close();
    } else if (event != WholeRequests.Event.TOO_LONG) {
      context.fireUserEventTriggered(event);
    } else if (!asked) {
      asked = true;
      send(context, Answer.error(413, "a request has 64 KiB or less"));
    }
  }

  private Answer answer(String method, String path, byte[] body) {
    try {
      return api.answer(method, path, body);
    } catch (RuntimeException | Error e) { // whoever asks is not to wait for ever
      LOG.error("{} {}", method, path, e);
      return Answer.error(500, "this has failed, and stands in the log");
    }
  }

  private void send(ChannelHandlerContext context, Answer answer) {
    var response =
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1,
            HttpResponseStatus.valueOf(answer.status()),
            Unpooled.wrappedBuffer(answer.body()));
    response
        .headers()
        .set(HttpHeaderNames.CONTENT_TYPE, answer.type())
        .set(HttpHeaderNames.CONTENT_LENGTH, answer.body().length)
        .set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
    closeIn(READING_SECONDS, context);
    var _ = context.writeAndFlush(response).addListener(ChannelFutureListener.CLOSE);
  }

  /// Such as a client that goes away, or speaks no TLS.
  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    LOG.debug("a connection is closed: {}", cause.toString());
    var _ = context.close();
  }
}
