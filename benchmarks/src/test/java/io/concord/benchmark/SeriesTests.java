package io.concord.benchmark;

import java.util.List;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class SeriesTests {

	@Test
	void medianOfAnOddNumberIsTheMiddle() {
		assertThat(Series.of(List.of(9.0, 1.0, 5.0)).median()).isEqualTo(5);
	}

	@Test
	void medianOfAnEvenNumberIsBetweenTheTwoInTheMiddle() {
		assertThat(Series.of(List.of(4.0, 1.0, 2.0, 9.0)).median()).isEqualTo(3);
	}

	@Test
	void percentileIsByNearestRank() {
		Series hundred = Series.of(IntStream.rangeClosed(1, 100).mapToObj(Double::valueOf).toList());
		assertThat(hundred.percentile(0.99)).isEqualTo(99);
		assertThat(hundred.percentile(0.5)).isEqualTo(50);
		assertThat(hundred.percentile(0)).isEqualTo(1);
		assertThat(hundred.percentile(1)).isEqualTo(100);
		assertThat(Series.of(List.of(7.0)).percentile(0.99)).isEqualTo(7);
	}

	@Test
	void spreadIsHalfTheDistanceOfTheQuartilesAsAShareOfTheMedian() {
		assertThat(Series.of(List.of(60.0, 80.0, 100.0, 120.0, 9000.0)).spread()).isEqualTo(0.2);
		assertThat(Series.of(List.of(3.0, 3.0, 3.0)).spread()).isZero();
		assertThat(Series.of(List.of(0.0)).spread()).isZero();
	}

	@Test
	void nothingIsNoSeries() {
		assertThatIllegalArgumentException().isThrownBy(() -> Series.of(List.of()));
	}

}
