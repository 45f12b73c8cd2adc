package io.concord.idgen.entity;

import java.util.EnumSet;

import org.hibernate.engine.spi.SharedSessionContractImplementor;
import org.hibernate.generator.BeforeExecutionGenerator;
import org.hibernate.generator.EventType;
import org.hibernate.generator.EventTypeSets;
import org.jspecify.annotations.Nullable;

import io.concord.idgen.LongIdGenerators;

/**
 * Asks a generator before the insert, so that inserts can be batched.
 */
@SuppressWarnings("serial")
final class SnowflakeIdentifierGenerator implements BeforeExecutionGenerator {

	private final transient IdMember member;

	private final transient LongIdGenerators generators;

	SnowflakeIdentifierGenerator(IdMember member, LongIdGenerators generators) {
		this.member = member;
		this.generators = generators;
	}

	@Override
	public Object generate(SharedSessionContractImplementor session, Object owner, @Nullable Object currentValue,
			EventType eventType) {
		return (currentValue == null || this.member.isMissing(currentValue)) ? this.member.next(this.generators)
				: currentValue;
	}

	@Override
	public EnumSet<EventType> getEventTypes() {
		return EventTypeSets.INSERT_ONLY;
	}

	@Override
	public boolean allowAssignedIdentifiers() {
		return true;
	}

	/** Of a field that is not the id: the application may change it later. */
	@Override
	public boolean allowMutation() {
		return true;
	}

}
