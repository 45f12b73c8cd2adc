package io.concord.loadbalancer;

import java.util.Arrays;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class SlotsTests {

	@Test
	void spreadsSlotsOfOneInstanceOverTheRound() {
		int[] slots = Slots.of(new double[] { 5, 1, 1 });
		assertThat(slots).hasSize(7);
		assertThat(slots).containsOnly(0, 1, 2);
		assertThat(longestRun(slots, 0)).isLessThanOrEqualTo(3);
	}

	@Test
	void reducesWholeWeights() {
		assertThat(Slots.of(new double[] { 300, 100, 200 })).hasSize(6);
	}

	@Test
	void approximatesOtherWeights() {
		int[] slots = Slots.of(new double[] { 0.3, 0.1, 0.6 });
		assertThat(share(slots, 0)).isBetween(0.299, 0.301);
		assertThat(share(slots, 1)).isBetween(0.099, 0.101);
		assertThat(share(slots, 2)).isBetween(0.599, 0.601);
	}

	@Test
	void givesEverybodyASlot() {
		int[] slots = Slots.of(new double[] { 1_000_000, 0.001 });
		assertThat(slots).contains(0, 1);
	}

	@Test
	void staysSmallForTenThousand() {
		double[] weights = new double[10_000];
		Arrays.setAll(weights, (i) -> 1 + i % 97);
		int[] slots = Slots.of(weights);
		assertThat(slots.length).isLessThan(300_000);
		assertThat(Arrays.stream(slots).distinct().count()).isEqualTo(10_000);
	}

	@Test
	void distanceBetweenSlotsOfOneInstanceIsNearlyAlwaysTheSame() {
		int[] slots = Slots.of(new double[] { 10, 20, 30, 40 });
		for (int instance = 0; instance < 4; instance++) {
			int count = 0;
			for (int slot : slots) {
				count += (slot == instance) ? 1 : 0;
			}
			int ideal = slots.length / count;
			assertThat(largestGap(slots, instance)).isLessThanOrEqualTo(ideal + 3);
		}
	}

	private static double share(int[] slots, int instance) {
		return (double) Arrays.stream(slots).filter((slot) -> slot == instance).count() / slots.length;
	}

	private static int longestRun(int[] slots, int instance) {
		int longest = 0;
		int run = 0;
		for (int i = 0; i < 2 * slots.length; i++) {
			run = (slots[i % slots.length] == instance) ? run + 1 : 0;
			longest = Math.max(longest, run);
		}
		return longest;
	}

	private static int largestGap(int[] slots, int instance) {
		int largest = 0;
		int gap = 0;
		for (int i = 0; i < 2 * slots.length; i++) {
			gap++;
			if (slots[i % slots.length] == instance) {
				largest = Math.max(largest, gap);
				gap = 0;
			}
		}
		return largest;
	}

}
