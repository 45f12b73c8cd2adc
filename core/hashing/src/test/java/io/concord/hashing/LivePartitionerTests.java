package io.concord.hashing;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class LivePartitionerTests {

	private final LivePartitioner<String> live = new LivePartitioner<>(
			Partitioners.rendezvous(List.of(Node.of("a"), Node.of("b"))));

	@Test
	void changesNodesAndKeepsSnapshots() {
		Partitioner<String> before = this.live.current();
		Partitioner<String> after = this.live.update((nodes) -> List.of(Node.of("c")));
		assertThat(before.nodes()).extracting(Node::name).containsExactly("a", "b");
		assertThat(this.live.current()).isSameAs(after);
		assertThat(this.live.nodes()).extracting(Node::name).containsExactly("c");
		assertThat(this.live.nodeFor("key").name()).isEqualTo("c");
		assertThat(this.live.nodeFor(5).name()).isEqualTo("c");
		assertThat(this.live.nodesFor("key", 2)).hasSize(1);
		assertThat(this.live.withNodes(List.of()).nodes()).isEmpty();
		assertThat(this.live.nodes()).hasSize(1);
	}

	@Test
	void keepsWhatItHasIfAChangeFails() {
		assertThatIllegalArgumentException()
			.isThrownBy(() -> this.live.update((nodes) -> List.of(Node.of("x"), Node.of("x"))));
		assertThat(this.live.nodes()).hasSize(2);
	}

	@Test
	void readersSeeOneOfTheStatesWhileWritersChangeThem() throws Exception {
		ExecutorService threads = Executors.newFixedThreadPool(4);
		try {
			AtomicBoolean done = new AtomicBoolean();
			CountDownLatch reading = new CountDownLatch(2);
			List<Future<?>> readers = new ArrayList<>();
			for (int i = 0; i < 2; i++) {
				readers.add(threads.submit(() -> {
					do {
						Partitioner<String> snapshot = this.live.current();
						assertThat(snapshot.nodes()).contains(snapshot.nodeFor("key"));
						reading.countDown();
					}
					while (!done.get());
					return null;
				}));
			}
			assertThat(reading.await(30, TimeUnit.SECONDS)).isTrue();
			List<Future<?>> writers = new ArrayList<>();
			for (String writer : List.of("x", "y")) {
				writers.add(threads.submit(() -> {
					for (int i = 0; i < 100; i++) {
						Node<String> joined = Node.of(writer + i);
						this.live.update((nodes) -> {
							List<Node<String>> more = new ArrayList<>(nodes);
							more.add(joined);
							return more;
						});
					}
					return null;
				}));
			}
			for (Future<?> writer : writers) {
				writer.get(30, TimeUnit.SECONDS);
			}
			done.set(true);
			for (Future<?> reader : readers) {
				reader.get(30, TimeUnit.SECONDS);
			}
			assertThat(this.live.nodes()).hasSize(202);
		}
		finally {
			threads.shutdownNow();
		}
	}

}
