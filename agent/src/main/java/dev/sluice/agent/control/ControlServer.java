package dev.sluice.agent.control;

import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.kernel.Files;
import dev.sluice.supervisor.kernel.UnixSocket;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.SingleThreadIoEventLoop;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.Errors;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.util.NetUtil;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.file.Path;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/// Serves [Api] over HTTP, on a loop of its own: no request keeps a call waiting.
public final class ControlServer implements AutoCloseable {
  private static final int THREADS = 4;
  private static final int ENDING_SECONDS = 5;

  /// At each place where it listens: who holds them all at one keeps nobody from another. Each asks
  /// for one thing, so that as many wait for a thread at most.
  private static final int MAX_CONNECTIONS = 64;

  private final Api api;
  private final EventLoopGroup loop = new Loop();
  private final ExecutorService threads;

  public ControlServer(Agent agent) {
    this.api = new Api(agent);
    var pool =
        new ThreadPoolExecutor(
            THREADS,
            THREADS,
            10,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            ControlServer::thread);
    pool.allowCoreThreadTimeOut(true);
    this.threads = pool;
  }

  private static Thread thread(Runnable task) {
    return Thread.ofPlatform().name("sluice-control").daemon(true).unstarted(task);
  }

  /// Listens at `path`, in the place of a socket that an agent before has left there, for root and
  /// for who runs the agent.
  ///
  /// @throws IOException if it cannot
  public void listen(Path path) throws IOException {
    UnixSocket.removeLeft(path.toString());
    int before = Files.umask(0177);
    try {
      bind(
          EpollServerDomainSocketChannel.class,
          new DomainSocketAddress(path.toFile()),
          channel -> {
            var connection = (EpollDomainSocketChannel) channel;
            // who says that it has asked for all it wants (shutdown(2)) is answered
            connection.config().setAllowHalfClosure(true);
            return Access.ofPeer(connection);
          });
    } finally {
      Files.umask(before);
    }
  }

  /// Listens on a TCP port, with TLS, for who has a token.
  ///
  /// @throws IOException if it cannot
  public void listen(Secured secured) throws IOException {
    bind(
        EpollServerSocketChannel.class,
        secured.address(),
        channel -> {
          channel.pipeline().addLast(secured.tls().newHandler(channel.alloc()));
          return Access.ofTokens(secured.token(), secured.readToken());
        });
  }

  private void bind(
      Class<? extends ServerChannel> type, SocketAddress address, Function<Channel, Access> prepare)
      throws IOException {
    var open = new AtomicInteger();
    var bootstrap =
        new ServerBootstrap()
            .group(loop)
            .channel(type)
            .childHandler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    channel.closeFuture().addListener(_ -> open.decrementAndGet());
                    if (open.incrementAndGet() > MAX_CONNECTIONS) {
                      var _ = channel.close();
                      return;
                    }
                    Access access = prepare.apply(channel);
                    ChannelPipeline pipeline = channel.pipeline();
                    pipeline.addLast(new HttpServerCodec());
                    pipeline.addLast(new WholeRequests());
                    pipeline.addLast(new RequestHandler(api, access, threads));
                  }
                });
    var bound = bootstrap.bind(address).awaitUninterruptibly();
    if (!bound.isSuccess()) {
      throw new IOException(complaint(address, bound.cause()), bound.cause());
    }
  }

  private static String complaint(SocketAddress address, Throwable cause) {
    String where =
        address instanceof InetSocketAddress port
            ? NetUtil.toSocketAddressString(port)
            : address.toString();
    return cause instanceof Errors.NativeIoException known
        ? "bind \"" + where + "\": " + Errno.nameOf(-known.expectedErr())
        : where + ": " + cause.getMessage();
  }

  /// Netty's loop, without the timer that wakes it every second although nothing is scheduled.
  private static final class Loop extends SingleThreadIoEventLoop {
    private static final long NONE = -1;

    Loop() {
      super(null, ControlServer::thread, EpollIoHandler.newFactory());
    }

    @Override
    protected long deadlineNanos() {
      return nextScheduledTaskDeadlineNanos() == NONE ? NONE : super.deadlineNanos();
    }
  }

  /// Answers what it was asked: to drain an agent without containers, say.
  @Override
  public void close() {
    threads.shutdown();
    try {
      var _ = threads.awaitTermination(ENDING_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    var _ = loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    threads.shutdownNow();
  }
}
