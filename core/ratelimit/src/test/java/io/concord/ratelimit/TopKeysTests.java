package io.concord.ratelimit;

import java.util.Random;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class TopKeysTests {

	private final TopKeys keys = new TopKeys(2);

	@Test
	void countsExactlyWhileThereIsRoom() {
		add("a", 3);
		add("b", 5);
		add("c", 1);
		assertThat(this.keys.top()).containsExactly(new RefusedKey("b", 5, 0), new RefusedKey("a", 3, 0));
	}

	/** One that has more than its share of all is always there. */
	@Test
	void findsThoseThatComeOftenInAFloodOfOthers() {
		Random random = new Random(1);
		int often = 0;
		int seldom = 0;
		for (int i = 0; i < 100_000; i++) {
			int draw = random.nextInt(10);
			if (draw < 3) {
				this.keys.add("often");
				often++;
			}
			else if (draw < 5) {
				this.keys.add("less often");
				seldom++;
			}
			else {
				this.keys.add("key-" + i);
			}
		}
		assertThat(this.keys.top()).extracting(RefusedKey::key).containsExactly("often", "less often");
		RefusedKey first = this.keys.top().get(0);
		assertThat(often).isBetween((int) (first.count() - first.over()), (int) first.count());
		RefusedKey second = this.keys.top().get(1);
		assertThat(seldom).isBetween((int) (second.count() - second.over()), (int) second.count());
	}

	@Test
	void countOfOneThatTakesOverIsNotTooSmall() {
		for (int i = 0; i < 16; i++) {
			add("key-" + i, 2);
		}
		add("new", 1);
		assertThat(this.keys.top()).first().isEqualTo(new RefusedKey("new", 3, 2));
	}

	private void add(String key, int times) {
		for (int i = 0; i < times; i++) {
			this.keys.add(key);
		}
	}

}
