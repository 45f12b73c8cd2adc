package io.concord.faults;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

import me.ahoo.cosid.IdGenerator;
import me.ahoo.cosid.machine.ClockBackwardsSynchronizer;
import me.ahoo.cosid.machine.DefaultMachineIdGuarder;
import me.ahoo.cosid.machine.InstanceId;
import me.ahoo.cosid.machine.MachineIdDistributor;
import me.ahoo.cosid.machine.MachineStateStorage;
import me.ahoo.cosid.segment.IdSegmentDistributorDefinition;
import me.ahoo.cosid.segment.SegmentChainId;
import me.ahoo.cosid.snowflake.ClockSyncSnowflakeId;
import me.ahoo.cosid.snowflake.MillisecondSnowflakeId;
import me.ahoo.cosid.spring.redis.SpringRedisIdSegmentDistributorFactory;
import me.ahoo.cosid.spring.redis.SpringRedisMachineIdDistributor;
import org.springframework.data.redis.connection.RedisConnectionFactory;
import org.springframework.data.redis.core.StringRedisTemplate;

import io.concord.idgen.IdsUnavailableException;
import io.concord.test.faults.Workload;

/**
 * CosId in the same run, as its documentation has it: machine ids from Redis, which a
 * guard renews three times in the time after which another may have them, and segment
 * chains.
 */
final class CosIdSources {

	static final List<String> KINDS = List.of(IdWorkload.SNOWFLAKE, IdWorkload.SEGMENT);

	private static final String NAMESPACE = "faults";

	private static final int SEQUENCE_BITS = 12;

	private static final int TIMESTAMP_BITS = 41;

	private static final int STEP = 1_000;

	private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(60);

	private CosIdSources() {
	}

	static List<IdWorkload.Source> start(Workload.Context context, RedisConnectionFactory redis, Duration lead) {
		StringRedisTemplate template = new StringRedisTemplate(redis);
		MachineIdDistributor machines = new SpringRedisMachineIdDistributor(template, MachineStateStorage.IN_MEMORY,
				ClockBackwardsSynchronizer.DEFAULT);
		InstanceId instance = InstanceId.of("worker-" + context.worker(), false);
		int machineBits = IdWorkload.workerBits(context);
		int machine = distribute(machines, machineBits, instance, lead);
		ScheduledExecutorService scheduler = Executors.newSingleThreadScheduledExecutor((task) -> {
			Thread thread = new Thread(task, "cosid-guard");
			thread.setDaemon(true);
			return thread;
		});
		Duration renewal = lead.dividedBy(3);
		DefaultMachineIdGuarder guard = new DefaultMachineIdGuarder(machines, scheduler, renewal, renewal, lead);
		guard.register(NAMESPACE, instance);
		guard.start();
		IdGenerator segments = new SegmentChainId(new SpringRedisIdSegmentDistributorFactory(template)
			.create(new IdSegmentDistributorDefinition(NAMESPACE, IdWorkload.SEGMENT, 0, STEP)));
		return List.of(source(IdWorkload.SNOWFLAKE,
				new ClockSyncSnowflakeId(new Snowflake(machineBits, machine, context)), () -> {
					guard.stop();
					scheduler.shutdownNow();
				}), source(IdWorkload.SEGMENT, segments, () -> {
				}));
	}

	/** None is free until what a dead worker has left is old enough. */
	private static int distribute(MachineIdDistributor machines, int machineBits, InstanceId instance, Duration lead) {
		long end = System.nanoTime() + PATIENCE_NANOS;
		while (true) {
			try {
				return machines.distribute(NAMESPACE, machineBits, instance, lead).getMachineId();
			}
			catch (RuntimeException ex) {
				if (System.nanoTime() - end > 0) {
					throw ex;
				}
			}
		}
	}

	private static IdWorkload.Source source(String name, IdGenerator generator, AutoCloseable end) {
		LongSupplier next = () -> {
			try {
				return generator.generate();
			}
			catch (RuntimeException ex) {
				throw new IdsUnavailableException(name + ": " + ex.getMessage(), ex);
			}
		};
		return new IdWorkload.Source(name, next, (ids) -> {
			for (int i = 0; i < ids.length; i++) {
				ids[i] = next.getAsLong();
			}
		}, end);
	}

	/** Goes by the clock of the worker. */
	private static final class Snowflake extends MillisecondSnowflakeId {

		private static final long EPOCH = 1_577_808_000_000L;

		private final LongSupplier millis;

		Snowflake(int machineBits, int machine, Workload.Context context) {
			super(EPOCH, TIMESTAMP_BITS, machineBits, SEQUENCE_BITS, machine);
			this.millis = context.wallMillis();
		}

		@Override
		protected long getCurrentTime() {
			return this.millis.getAsLong();
		}

	}

}
