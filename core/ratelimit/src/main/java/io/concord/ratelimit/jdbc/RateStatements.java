package io.concord.ratelimit.jdbc;

import java.util.ArrayList;
import java.util.List;
import java.util.StringJoiner;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

import org.jspecify.annotations.Nullable;

import io.concord.lease.jdbc.JdbcDialect;
import io.concord.ratelimit.RateModel;
import io.concord.ratelimit.RateQuery;
import io.concord.ratelimit.RateSpec;
import io.concord.ratelimit.RateSpec.Bandwidth;
import io.concord.ratelimit.RateSpec.Kind;
import io.concord.ratelimit.RateVerdict;

/**
 * The one statement that decides: it inserts the row of a key that has none, or else
 * changes it by what {@link RateModel} says, and answers the verdict.
 *
 * <p>
 * What is asked stands in the values of the insert, where every dialect lets the change
 * read it; the numbers of the rule stand in the text, so there is one for each rule. The
 * verdict of a new row is known before: it is always admitted. Verdicts are one number,
 * for MariaDB and MySQL give back no more than their {@code LAST_INSERT_ID}: 4 × n + 1
 * for admitted with n more to be had, 4 × n + 2 for admitted after n µs, 4 × n for
 * refused for n µs. MariaDB and MySQL assign from left to right, and what comes later
 * sees the new values: the verdict first, the time last.
 */
enum RateStatements {

	H2("s.%s", "t.%s", "(%s / %s)", "BIGINT"),

	POSTGRESQL("excluded.%s", "t.%s", "(%s / %s)", "BIGINT"),

	INNODB("VALUES(%s)", "%s", "(%s DIV %s)", "SIGNED");

	/** State is kept a little longer than need be, so that the index seldom changes. */
	static final long IDLE_STEP_MICROS = 600_000_000;

	private final String asked;

	private final String kept;

	private final String quotient;

	private final String integer;

	RateStatements(String asked, String kept, String quotient, String integer) {
		this.asked = asked;
		this.kept = kept;
		this.quotient = quotient;
		this.integer = integer;
	}

	static RateStatements of(JdbcDialect dialect) {
		return switch (dialect.id()) {
			case "h2" -> H2;
			case "postgresql" -> POSTGRESQL;
			default -> INNODB;
		};
	}

	/** Whether one statement can decide: what is kept must fit into columns. */
	static boolean canDecide(RateQuery query) {
		Kind kind = query.spec().kind();
		return !query.partial() && kind != Kind.SLIDING_WINDOW && kind != Kind.WARM_BUCKET;
	}

	/** The statement, with parameters as {@link #parameters} has them. */
	String decide(RateSpec spec) {
		Decision decision = (spec.kind() == Kind.FIXED_WINDOW) ? fixedWindow(spec) : bucket(spec);
		int rates = spec.bandwidths().size();
		String set = set(rates, decision);
		StringJoiner columns = new StringJoiner(", ");
		StringJoiner costs = new StringJoiner(", ");
		for (int i = 1; i <= rates; i++) {
			columns.add("p" + i).add("d" + i);
			costs.add(bandwidth(spec, i).cost() + ((this == H2) ? " p" + i + ", CAST(? AS BIGINT) d" + i : ", ?"));
		}
		String all = "res, at_us, permits, max_wait_us, verdict, " + columns + ", idle_us";
		return switch (this) {
			case H2 ->
				"SELECT verdict FROM FINAL TABLE (MERGE INTO ${rate} t USING (SELECT CAST(? AS VARCHAR(200)) res, "
						+ now()
						+ " at_us, CAST(? AS BIGINT) permits, CAST(? AS BIGINT) max_wait_us, CAST(? AS BIGINT) verdict, "
						+ costs + ", " + idle() + " idle_us) s ON t.res = s.res WHEN MATCHED THEN UPDATE SET " + set
						+ " WHEN NOT MATCHED THEN INSERT (" + all + ") VALUES (s." + all.replace(", ", ", s.") + "))";
			case POSTGRESQL -> "INSERT INTO ${rate} AS t (" + all + ") VALUES (?, " + now() + ", ?, ?, ?, " + costs
					+ ", " + idle() + ") ON CONFLICT (res) DO UPDATE SET " + set + " RETURNING verdict";
			case INNODB -> "INSERT INTO ${rate} (" + all + ") VALUES (?, " + now() + ", ?, ?, LAST_INSERT_ID(?), "
					+ costs + ", " + idle() + ") ON DUPLICATE KEY UPDATE " + set;
		};
	}

	private String now() {
		return "COALESCE(CAST(? AS " + this.integer + "), ${now})";
	}

	private String idle() {
		return "(" + quotient(now() + " + CAST(? AS " + this.integer + ")", IDLE_STEP_MICROS) + " + 1) * "
				+ IDLE_STEP_MICROS;
	}

	private String set(int rates, Decision decision) {
		boolean inOrder = this == INNODB;
		String admitted = inOrder ? "MOD(verdict, 4) > 0" : decision.admitted();
		StringJoiner set = new StringJoiner(", ");
		set.add("verdict = " + (inOrder ? "LAST_INSERT_ID(" + decision.verdict() + ")" : decision.verdict()));
		for (int i = 1; i <= rates; i++) {
			set.add("d" + i + " = CASE WHEN " + admitted + " THEN " + decision.taken().apply(i) + " ELSE "
					+ kept("d" + i) + " END");
			set.add("p" + i + " = CASE WHEN " + admitted + " THEN " + asked("p" + i) + " ELSE " + kept("p" + i)
					+ " END");
		}
		set.add("idle_us = CASE WHEN " + admitted + " THEN GREATEST(" + kept("idle_us") + ", " + asked("idle_us")
				+ ") ELSE " + kept("idle_us") + " END");
		set.add("at_us = CASE WHEN " + admitted + " THEN " + time() + " ELSE " + kept("at_us") + " END");
		return set.toString();
	}

	private Decision bucket(RateSpec spec) {
		boolean leaky = spec.kind() == Kind.LEAKY_BUCKET;
		String permits = asked("permits");
		String maxWait = asked("max_wait_us");
		IntFunction<String> taken = (i) -> "(" + debt(spec, i) + " + " + permits + " * " + bandwidth(spec, i).cost()
				+ ")";
		IntFunction<String> excess = (i) -> leaky ? debt(spec, i)
				: "(" + taken.apply(i) + " - " + bandwidth(spec, i).capacity() + ")";
		String wait = greatest(spec, (i) -> quotient(excess.apply(i) + " + " + (bandwidth(spec, i).drain() - 1),
				bandwidth(spec, i).drain()));
		String remaining = least(spec, (i) -> {
			Bandwidth bandwidth = bandwidth(spec, i);
			String free = maxWait + " * " + bandwidth.drain() + " - " + taken.apply(i);
			return leaky ? "(CASE WHEN " + free + " < 0 THEN 0 ELSE " + quotient(free, bandwidth.cost()) + " + 1 END)"
					: quotient("GREATEST(0, " + bandwidth.capacity() + " - " + taken.apply(i) + ")", bandwidth.cost());
		});
		String atOnce = all(spec, (i) -> excess.apply(i) + " <= 0");
		String admitted = all(spec, (i) -> excess.apply(i) + " <= " + maxWait + " * " + bandwidth(spec, i).drain());
		String verdict = "CASE WHEN " + atOnce + " THEN 4 * " + remaining + " + 1 WHEN " + admitted + " THEN 4 * "
				+ wait + " + 2 ELSE 4 * (" + wait + " - " + maxWait + ") END";
		return new Decision(verdict, admitted, taken);
	}

	private String debt(RateSpec spec, int i) {
		Bandwidth bandwidth = bandwidth(spec, i);
		String debt = kept("d" + i);
		String cost = kept("p" + i);
		return "GREATEST(0, (CASE WHEN " + cost + " = " + bandwidth.cost() + " THEN " + debt + " ELSE "
				+ quotient(debt + " + " + cost + " - 1", cost) + " * " + bandwidth.cost() + " END) - LEAST(GREATEST("
				+ asked("at_us") + " - " + kept("at_us") + ", 0), " + bandwidth.longest() + ") * " + bandwidth.drain()
				+ ")";
	}

	private Decision fixedWindow(RateSpec spec) {
		String permits = asked("permits");
		IntFunction<String> taken = (i) -> "(CASE WHEN " + quotient(kept("at_us"), bandwidth(spec, i).cost()) + " = "
				+ quotient(time(), bandwidth(spec, i).cost()) + " THEN " + kept("d" + i) + " ELSE 0 END + " + permits
				+ ")";
		String admitted = all(spec, (i) -> taken.apply(i) + " <= " + bandwidth(spec, i).capacity());
		String remaining = least(spec, (i) -> "(" + bandwidth(spec, i).capacity() + " - " + taken.apply(i) + ")");
		String wait = greatest(spec,
				(i) -> "(CASE WHEN " + taken.apply(i) + " > " + bandwidth(spec, i).capacity() + " THEN ("
						+ quotient(time(), bandwidth(spec, i).cost()) + " + 1) * " + bandwidth(spec, i).cost() + " - "
						+ time() + " ELSE 0 END)");
		return new Decision("CASE WHEN " + admitted + " THEN 4 * " + remaining + " + 1 ELSE 4 * " + wait + " END",
				admitted, taken);
	}

	private String time() {
		return "(CASE WHEN " + asked("at_us") + " < " + kept("at_us") + " - " + RateModel.TOLERANCE_MICROS + " THEN "
				+ asked("at_us") + " ELSE GREATEST(" + asked("at_us") + ", " + kept("at_us") + ") END)";
	}

	private static Bandwidth bandwidth(RateSpec spec, int index) {
		return spec.bandwidths().get(index - 1);
	}

	private static String all(RateSpec spec, IntFunction<String> condition) {
		return "(" + String.join(" AND ", each(spec, condition)) + ")";
	}

	private static String least(RateSpec spec, IntFunction<String> value) {
		List<String> values = each(spec, value);
		return (values.size() == 1) ? values.get(0) : "LEAST(" + String.join(", ", values) + ")";
	}

	private static String greatest(RateSpec spec, IntFunction<String> value) {
		return "GREATEST(0, " + String.join(", ", each(spec, value)) + ")";
	}

	private static List<String> each(RateSpec spec, IntFunction<String> text) {
		return IntStream.rangeClosed(1, spec.bandwidths().size()).mapToObj(text).toList();
	}

	private String asked(String column) {
		return this.asked.formatted(column);
	}

	private String kept(String column) {
		return this.kept.formatted(column);
	}

	private String quotient(String number, Object divisor) {
		return this.quotient.formatted("(" + number + ")", divisor);
	}

	/** The parameters of {@link #decide}. */
	@Nullable Object[] parameters(String resource, RateQuery query) {
		RateSpec spec = query.spec();
		Long now = (query.now() != RateQuery.STORE_TIME) ? Long.valueOf(query.now()) : null;
		RateVerdict first = RateModel.decide(query, null, 0).verdict();
		List<@Nullable Object> parameters = new ArrayList<>();
		parameters.add(resource);
		parameters.add(now);
		parameters.add(query.permits());
		parameters.add(query.maxWait());
		parameters.add(4 * first.remaining() + 1);
		long longest = 0;
		for (Bandwidth bandwidth : spec.bandwidths()) {
			boolean window = spec.kind() == Kind.FIXED_WINDOW;
			parameters.add(query.permits() * (window ? 1 : bandwidth.cost()));
			longest = Math.max(longest, window ? bandwidth.cost() : bandwidth.capacity() / bandwidth.drain()
					+ query.permits() * bandwidth.cost() / bandwidth.drain());
		}
		parameters.add(now);
		parameters.add(longest + query.maxWait());
		return parameters.toArray();
	}

	static RateVerdict verdict(long code, RateQuery query) {
		return switch ((int) (code % 4)) {
			case 1 -> new RateVerdict(query.permits(), 0, code / 4);
			case 2 -> new RateVerdict(query.permits(), code / 4, 0);
			default -> new RateVerdict(0, code / 4, 0);
		};
	}

	/**
	 * Expressions.
	 *
	 * @param verdict the verdict as a number
	 * @param admitted whether the call is admitted
	 * @param taken debt or count of a rate afterwards, by its number from 1 on
	 */
	private record Decision(String verdict, String admitted, IntFunction<String> taken) {
	}

}
