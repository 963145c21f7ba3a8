package dev.sluice.agent.control;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpUtil;
import org.jspecify.annotations.Nullable;

/// Puts requests together, and leaves it to [RequestHandler] to refuse one.
final class WholeRequests extends HttpObjectAggregator {
  /// What it is told.
  enum Event {
    TOO_LONG
  }

  WholeRequests() {
    super(ControlClient.MAX_BODY);
  }

  @Override
  protected @Nullable Object newContinueResponse(
      HttpMessage start, int maxLength, ChannelPipeline pipeline) {
    return HttpUtil.is100ContinueExpected(start) && !isContentLengthInvalid(start, maxLength)
        ? super.newContinueResponse(start, maxLength, pipeline)
        : null;
  }

  @Override
  protected void handleOversizedMessage(ChannelHandlerContext context, HttpMessage request) {
    context.fireUserEventTriggered(Event.TOO_LONG);
  }
}
