package io.concord.faults;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

import org.junit.jupiter.api.Tag;

/**
 * The replica confirms marks of worker ids, and so no snowflake comes twice. Nothing
 * confirms numbers: how many come twice is counted.
 */
@Tag(AbstractFaultsIT.ONLY_LONG_RUNS)
class RedisFailoverIdFaultsIT extends AbstractRedisFailoverFaultsIT {

	RedisFailoverIdFaultsIT() {
		super(Work.IDS);
	}

	@Override
	List<String> options(int slot) {
		List<String> options = new ArrayList<>(super.options(slot));
		options.add("replicas=1");
		return options;
	}

	@Override
	Set<String> lossyIds() {
		return Set.of(IdWorkload.SEGMENT, IdWorkload.SEQUENCE);
	}

}
