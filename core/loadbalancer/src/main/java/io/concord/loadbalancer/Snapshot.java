package io.concord.loadbalancer;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;

import org.jspecify.annotations.Nullable;

/**
 * The instances that get calls, laid out for the algorithm. Immutable; replaced as a
 * whole when an instance comes, goes, is ejected, comes back or changes its weight, so
 * that a choice takes no lock.
 *
 * @param <T> as in {@link Target}
 */
final class Snapshot<T> {

	private final Algorithm algorithm;

	private final Target<T>[] targets;

	/** Effective weights of the targets; all are alike if there are no slots. */
	private final double[] weights;

	private final int @Nullable [] slots;

	/** For {@link Algorithm#STICKY} only. */
	private final Map<String, Target<T>> byCookie;

	/** For hashes only. */
	private final @Nullable HashTable<T> table;

	private final double ewmaDecay;

	private final long rebuildAt;

	private final boolean changing;

	/**
	 * Lays out instances.
	 * @param settings how they are chosen
	 * @param open those that get new calls
	 * @param weights what they weigh at this moment
	 * @param all those that are not ejected
	 * @param table where keys belong, for hashes
	 * @param rebuildAt when time alone changes it
	 * @param changing whether it does
	 */
	@SuppressWarnings({ "unchecked", "rawtypes" })
	Snapshot(BalancerSettings settings, List<Target<T>> open, double[] weights, List<Target<T>> all,
			@Nullable HashTable<T> table, long rebuildAt, boolean changing) {
		this.algorithm = settings.algorithm();
		this.targets = open.toArray(new Target[0]);
		this.weights = weights;
		this.slots = isUniform(weights) ? null : Slots.of(weights);
		this.byCookie = new HashMap<>();
		if (this.algorithm == Algorithm.STICKY) {
			all.forEach((target) -> this.byCookie.put(target.cookie(), target));
		}
		this.table = table;
		this.ewmaDecay = settings.ewmaDecay().toNanos();
		this.rebuildAt = rebuildAt;
		this.changing = changing;
	}

	private static boolean isUniform(double[] weights) {
		for (double weight : weights) {
			if (weight != weights[0]) {
				return false;
			}
		}
		return true;
	}

	boolean isOutdated(long now) {
		return this.changing && now - this.rebuildAt >= 0;
	}

	@Nullable HashTable<T> table() {
		return this.table;
	}

	/** Shares of those that get calls. */
	Map<Target<T>, Double> shares() {
		double sum = Arrays.stream(this.weights).sum();
		Map<Target<T>, Double> shares = new HashMap<>();
		for (int i = 0; i < this.targets.length; i++) {
			shares.put(this.targets[i], this.weights[i] / sum);
		}
		return shares;
	}

	@Nullable Target<T> choose(Selection selection, long sequence, RandomGenerator random, long now) {
		if (this.targets.length == 0) {
			return null;
		}
		Set<String> tried = selection.tried();
		String key = selection.key();
		if (this.table != null && key != null && !key.isEmpty()) {
			return this.table.choose(key, tried);
		}
		if (tried.isEmpty()) {
			return pick(selection, sequence, random, now);
		}
		Target<T> picked = pick(selection, sequence, random, now);
		return tried.contains(picked.id()) ? untried(tried, random) : picked;
	}

	private Target<T> pick(Selection selection, long sequence, RandomGenerator random, long now) {
		return switch (this.algorithm) {
			case ROUND_ROBIN, WEIGHTED_ROUND_ROBIN, SOURCE_IP_HASH, CONSISTENT_HASH -> next(sequence);
			case RANDOM, WEIGHTED_RANDOM -> this.targets[draw(random)];
			case LEAST_CONNECTIONS, WEIGHTED_LEAST_CONNECTIONS -> least(random);
			case POWER_OF_TWO -> lessLoaded(random);
			case PEAK_EWMA -> faster(random, now);
			case STICKY -> sticky(selection.key(), sequence);
		};
	}

	private Target<T> next(long sequence) {
		int[] round = this.slots;
		int length = (round != null) ? round.length : this.targets.length;
		int place = (int) Long.remainderUnsigned(sequence, length);
		return this.targets[(round != null) ? round[place] : place];
	}

	private int draw(RandomGenerator random) {
		int[] round = this.slots;
		return (round != null) ? round[random.nextInt(round.length)] : random.nextInt(this.targets.length);
	}

	/** Begins anywhere, so that those with equally few get calls in turn. */
	private Target<T> least(RandomGenerator random) {
		int length = this.targets.length;
		int at = random.nextInt(length);
		Target<T> best = this.targets[at];
		double bestLoad = load(at);
		for (int step = 1; step < length; step++) {
			at = (at + 1 == length) ? 0 : at + 1;
			double load = load(at);
			if (load < bestLoad) {
				bestLoad = load;
				best = this.targets[at];
			}
		}
		return best;
	}

	/** The call that would come is counted, or all that are idle would be alike. */
	private double load(int index) {
		return (this.targets[index].inFlight() + 1) / this.weights[index];
	}

	private Target<T> lessLoaded(RandomGenerator random) {
		int first = draw(random);
		int second = drawOther(first, random);
		// Drawn by weight: those that are idle are alike.
		double one = this.targets[first].inFlight() / this.weights[first];
		double other = this.targets[second].inFlight() / this.weights[second];
		return this.targets[(other < one) ? second : first];
	}

	private Target<T> faster(RandomGenerator random, long now) {
		int first = draw(random);
		int second = drawOther(first, random);
		return this.targets[(cost(second, now) < cost(first, now)) ? second : first];
	}

	/**
	 * Answers that are to be expected before the one that would be asked for. One that
	 * has not answered yet is taken once; while it owes its first answer it is as bad as
	 * can be.
	 */
	private double cost(int index, long now) {
		Target<T> target = this.targets[index];
		int inFlight = target.inFlight();
		double ewma = target.ewma(now, this.ewmaDecay);
		if (ewma == 0) {
			return (inFlight == 0) ? 0 : Double.MAX_VALUE;
		}
		return ewma * (inFlight + 1) / this.weights[index];
	}

	/** Another one than the first, if a second draw finds one. */
	private int drawOther(int first, RandomGenerator random) {
		if (this.slots == null && this.targets.length > 1) {
			int other = random.nextInt(this.targets.length - 1);
			return (other < first) ? other : other + 1;
		}
		int second = draw(random);
		return (second != first) ? second : draw(random);
	}

	private Target<T> sticky(@Nullable String cookie, long sequence) {
		Target<T> named = (cookie != null) ? this.byCookie.get(cookie) : null;
		return (named != null) ? named : next(sequence);
	}

	private @Nullable Target<T> untried(Set<String> tried, RandomGenerator random) {
		int at = random.nextInt(this.targets.length);
		for (int step = 0; step < this.targets.length; step++) {
			Target<T> target = this.targets[(at + step) % this.targets.length];
			if (!tried.contains(target.id())) {
				return target;
			}
		}
		return null;
	}

}
