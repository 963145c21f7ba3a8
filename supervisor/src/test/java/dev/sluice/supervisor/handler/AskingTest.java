package dev.sluice.supervisor.handler;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sluice.supervisor.kernel.Errno;
import dev.sluice.supervisor.policy.Action.Ask;
import dev.sluice.supervisor.policy.Verdict;
import dev.sluice.supervisor.syscall.Arch;
import dev.sluice.supervisor.target.Call;
import dev.sluice.supervisor.target.Calls;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Several calls that are asked about at once.
@Timeout(60)
class AskingTest {
  private static final Verdict REFUSED = Verdict.Fail.of(Errno.EACCES.number());

  private final BlockingQueue<String> questions = new LinkedBlockingQueue<>();
  private final BlockingQueue<Asker.Answer> answers = new SynchronousQueue<>();
  private final Asking asking =
      new Asking(
          (question, _) -> {
            questions.add(question);
            return answers.take();
          },
          new Ask(Duration.ofSeconds(60), Errno.EACCES.number(), Ask.Remember.DIRECTORY));

  /// A call on a thread of its own.
  private final class Asked {
    final CompletableFuture<Call> call = new CompletableFuture<>();
    final CompletableFuture<Verdict> verdict = new CompletableFuture<>();
    final CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
    final Thread thread;

    Asked(String path) {
      thread =
          Thread.ofPlatform()
              .daemon()
              .start(() -> {
                Call made = Calls.ofThisThread(Arch.host(), "mkdirat");
                made.allowBlocking();
                Calls.givePinned(made, 0, path);
                call.complete(made);
                try {
                  verdict.complete(asking.perform(made));
                } catch (RuntimeException | Error e) {
                  verdict.completeExceptionally(e);
                }
                interrupted.complete(thread().isInterrupted());
              });
    }

    private static Thread thread() {
      return Thread.currentThread();
    }

    /// Until it asks, or waits for an answer to another question.
    void awaitWaiting() {
      while (thread.getState() != Thread.State.WAITING) {
        Thread.onSpinWait();
      }
    }

    Verdict await() throws Exception {
      return verdict.get(60, TimeUnit.SECONDS);
    }
  }

  private String question() throws InterruptedException {
    return String.valueOf(questions.poll(60, TimeUnit.SECONDS));
  }

  @Test
  void whatWaitsForAnAnswerIsNotAskedAbout() throws Exception {
    var first = new Asked("/d/a");
    assertThat(question()).contains("/d/a");
    var second = new Asked("/d/b");
    second.awaitWaiting();

    answers.put(Asker.Answer.YES);

    assertThat(first.await()).isEqualTo(Verdict.CONTINUE);
    assertThat(second.await()).isEqualTo(Verdict.CONTINUE);
    assertThat(questions).isEmpty();
  }

  @Test
  void whatElseIsAskedAboutDoesNotWait() throws Exception {
    var first = new Asked("/d/a");
    assertThat(question()).contains("/d/a");
    var second = new Asked("/e/a");
    assertThat(question()).contains("/e/a");

    answers.put(Asker.Answer.NO);
    answers.put(Asker.Answer.NO);

    assertThat(first.await()).isEqualTo(REFUSED);
    assertThat(second.await()).isEqualTo(REFUSED);
  }

  @Test
  void withoutAnAnswerTheNextIsAskedAbout() throws Exception {
    var first = new Asked("/d/a");
    assertThat(question()).contains("/d/a");
    var second = new Asked("/d/b");
    second.awaitWaiting();

    answers.put(Asker.Answer.NONE);
    assertThat(first.await()).isEqualTo(REFUSED);
    assertThat(question()).contains("/d/b");
    answers.put(Asker.Answer.YES);

    assertThat(second.await()).isEqualTo(Verdict.CONTINUE);
  }

  @Test
  void theQuestionOfACallThatEndsGoesAway() throws Exception {
    var first = new Asked("/d/a");
    assertThat(question()).contains("/d/a");
    var second = new Asked("/d/b");
    second.awaitWaiting();

    first.call.join().cancellation().cancel();
    assertThat(first.await()).isEqualTo(REFUSED);
    assertThat(first.interrupted.get(60, TimeUnit.SECONDS)).isFalse();
    assertThat(question()).contains("/d/b");
    second.call.join().cancellation().cancel();

    assertThat(second.await()).isEqualTo(REFUSED);
  }
}
