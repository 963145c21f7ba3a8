package dev.sluice.agent.control;

import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One connection: its requests are answered by threads that may wait.
final class RequestHandler extends SimpleChannelInboundHandler<FullHttpRequest> {
  private static final Logger LOG = LoggerFactory.getLogger(RequestHandler.class);

  private final Api api;
  private final Access access;
  private final ExecutorService threads;

  RequestHandler(Api api, Access access, ExecutorService threads) {
    super(FullHttpRequest.class);
    this.api = api;
    this.access = access;
    this.threads = threads;
  }

  @Override
  protected void channelRead0(ChannelHandlerContext context, FullHttpRequest request) {
    boolean keep = HttpUtil.isKeepAlive(request);
    if (!request.decoderResult().isSuccess()) {
      send(context, Answer.error(400, "this is not HTTP"), false);
      return;
    }
    String method = request.method().name();
    String path = new QueryStringDecoder(request.uri()).rawPath();
    String authorization = request.headers().get(HttpHeaderNames.AUTHORIZATION, "");
    byte[] body = ByteBufUtil.getBytes(request.content());
    try {
      threads.execute(
          () -> send(context, answer(context, method, path, authorization, body), keep));
    } catch (RejectedExecutionException tooMany) {
      send(context, Answer.error(503, "too many ask at once"), false);
    }
  }

  private Answer answer(
      ChannelHandlerContext context,
      String method,
      String path,
      String authorization,
      byte[] body) {
    try {
      Optional<String> refusal =
          Api.isOpen(path) ? Optional.empty() : access.refusal(context.channel(), authorization);
      return refusal.isPresent()
          ? Answer.error(403, refusal.get())
          : api.answer(method, path, body);
    } catch (RuntimeException e) {
      LOG.error("{} {}", method, path, e);
      return Answer.error(500, "this has failed, and stands in the log");
    }
  }

  private static void send(ChannelHandlerContext context, Answer answer, boolean keep) {
    var response =
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1,
            HttpResponseStatus.valueOf(answer.status()),
            Unpooled.wrappedBuffer(answer.body()));
    response.headers().set(HttpHeaderNames.CONTENT_TYPE, answer.type());
    response.headers().set(HttpHeaderNames.CONTENT_LENGTH, answer.body().length);
    response
        .headers()
        .set(
            HttpHeaderNames.CONNECTION,
            keep ? HttpHeaderValues.KEEP_ALIVE : HttpHeaderValues.CLOSE);
    var sent = context.writeAndFlush(response);
    if (!keep) {
      var _ = sent.addListener(ChannelFutureListener.CLOSE);
    }
  }

  /// Such as a client that goes away, or takes too long.
  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    LOG.debug("a connection is closed: {}", cause.toString());
    var _ = context.close();
  }
}
