package io.concord.lease;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

import org.jspecify.annotations.Nullable;

/**
 * What a line is, as plainly as it can be said: a list of places in the order of their
 * arrival. No care is taken for speed. The randomised test holds every store against it.
 */
final class LineModel {

	private final List<Place> places = new ArrayList<>();

	private final Map<String, Long> barredUntil = new HashMap<>();

	private int numbers;

	/** Returns GRANTED, WAITING, REFUSED or GONE. */
	Verdict claim(Claim claim, long now) {
		settle(now);
		if (this.barredUntil.getOrDefault(claim.owner(), 0L) > now) {
			return Verdict.GONE;
		}
		Verdict known = refresh(claim, now);
		if (known != Verdict.GONE) {
			return known;
		}
		Place place = new Place(claim.owner(), claim.limit(), ++this.numbers);
		this.places.add(place);
		if (this.places.stream().allMatch((other) -> other == place || other.holds) && fits(place)) {
			place.holds = true;
			place.until = now + micros(claim.ttl());
			return Verdict.GRANTED;
		}
		if (claim.patience().isZero()) {
			this.places.remove(place);
			return Verdict.REFUSED;
		}
		place.until = now + micros(claim.patience());
		return Verdict.WAITING;
	}

	Verdict refresh(Claim claim, long now) {
		settle(now);
		Place place = find(claim.owner());
		if (place == null) {
			return Verdict.GONE;
		}
		place.until = now + micros(place.holds ? claim.ttl() : claim.patience());
		return place.holds ? Verdict.GRANTED : Verdict.WAITING;
	}

	/** Returns whether it was held. */
	boolean release(Claim claim, Duration bar, long now) {
		settle(now);
		if (!bar.isZero()) {
			this.barredUntil.put(claim.owner(), now + micros(bar));
		}
		Place place = find(claim.owner());
		this.places.remove(place);
		settle(now);
		return place != null && place.holds;
	}

	boolean isEmpty(long now) {
		settle(now);
		return this.places.isEmpty() && this.barredUntil.values().stream().allMatch((until) -> until <= now);
	}

	/** Returns the number of the place that an owner has, which none had before. */
	int placeOf(String owner) {
		return Objects.requireNonNull(find(owner)).number;
	}

	private void settle(long now) {
		this.places.removeIf((place) -> place.until <= now);
		for (Place place : this.places) {
			if (!place.holds) {
				if (!fits(place)) {
					return;
				}
				place.holds = true;
			}
		}
	}

	private boolean fits(Place candidate) {
		long holders = this.places.stream().filter((place) -> place.holds).count();
		int least = this.places.stream()
			.filter((place) -> place.holds || place == candidate)
			.mapToInt((place) -> place.limit)
			.min()
			.orElseThrow();
		return holders + 1 <= least;
	}

	private @Nullable Place find(String owner) {
		return this.places.stream().filter((place) -> place.owner.equals(owner)).findFirst().orElse(null);
	}

	private static long micros(Duration duration) {
		return duration.toNanos() / 1_000;
	}

	enum Verdict {

		GRANTED, WAITING, REFUSED, GONE;

		static Verdict of(ClaimAnswer answer) {
			if (answer instanceof ClaimAnswer.Granted) {
				return GRANTED;
			}
			if (answer instanceof ClaimAnswer.Waiting) {
				return WAITING;
			}
			return (answer instanceof ClaimAnswer.Refused) ? REFUSED : GONE;
		}

	}

	private static final class Place {

		private final String owner;

		private final int number;

		private final int limit;

		private boolean holds;

		private long until;

		Place(String owner, int limit, int number) {
			this.owner = owner;
			this.number = number;
			this.limit = limit;
		}

	}

}
