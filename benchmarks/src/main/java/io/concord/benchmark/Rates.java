package io.concord.benchmark;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;

/**
 * What each contender was measured at, round by round. Not thread-safe.
 *
 * @param <C> the contenders
 */
final class Rates<C> {

	private final Map<C, List<Double>> rounds = new HashMap<>();

	void add(C contender, double value) {
		this.rounds.computeIfAbsent(contender, (absent) -> new ArrayList<>()).add(value);
	}

	Series of(C contender) {
		return Series.of(Objects.requireNonNull(this.rounds.get(contender), contender.toString()));
	}

	/**
	 * Compares two within each round, as what disturbs one round disturbs both.
	 * @return the median over the rounds of what one does to what the other does
	 */
	double ratio(C one, C other) {
		List<Double> ones = Objects.requireNonNull(this.rounds.get(one), one.toString());
		List<Double> others = Objects.requireNonNull(this.rounds.get(other), other.toString());
		return Series
			.of(IntStream.range(0, Math.min(ones.size(), others.size()))
				.mapToObj((i) -> ones.get(i) / Math.max(others.get(i), 1e-9))
				.toList())
			.median();
	}

	/** The one with the largest median. */
	C best(List<C> candidates) {
		return candidates.stream().max((a, b) -> Double.compare(of(a).median(), of(b).median())).orElseThrow();
	}

	/** Such as {@code 12,300 ± 4 %}. */
	String cell(C contender) {
		Series series = of(contender);
		return String.format(Locale.ROOT, "%,.0f ± %.0f %%", rounded(series.median()), series.spread() * 100);
	}

	/** To three digits: more is noise. */
	static double rounded(double value) {
		if (value <= 0) {
			return 0;
		}
		double unit = Math.pow(10, Math.floor(Math.log10(value)) - 2);
		return Math.round(value / unit) * unit;
	}

}
