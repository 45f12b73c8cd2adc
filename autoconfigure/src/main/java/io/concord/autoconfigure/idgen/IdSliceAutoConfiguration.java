package io.concord.autoconfigure.idgen;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;

import io.concord.idgen.LongIdGenerators;
import io.concord.idgen.SegmentStore;
import io.concord.idgen.SequenceStore;
import io.concord.idgen.WorkerIdStore;
import io.concord.idgen.local.LocalSegmentStore;
import io.concord.idgen.local.LocalSequenceStore;
import io.concord.idgen.local.LocalWorkerIdStore;

/**
 * {@link EnableAutoConfiguration Auto-configuration} of slices of an application, such as
 * {@code @DataJpaTest}, and of nothing else: ids come from memory, as a slice mostly has
 * no client of the backend, and none of its tables.
 */
@AutoConfiguration(before = IdgenAutoConfiguration.class)
@ConditionalOnClass(LongIdGenerators.class)
public final class IdSliceAutoConfiguration {

	@Bean
	@ConditionalOnMissingBean
	WorkerIdStore concordSliceWorkerIdStore() {
		return new LocalWorkerIdStore();
	}

	@Bean
	@ConditionalOnMissingBean
	SegmentStore concordSliceSegmentStore() {
		return new LocalSegmentStore();
	}

	@Bean
	@ConditionalOnMissingBean
	SequenceStore concordSliceSequenceStore() {
		return new LocalSequenceStore();
	}

}
