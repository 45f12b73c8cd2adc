package io.concord.autoconfigure.idgen;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.core.Ordered;
import org.springframework.data.jdbc.core.mapping.JdbcMappingContext;
import org.springframework.data.relational.core.mapping.event.BeforeConvertCallback;
import org.springframework.util.function.SingletonSupplier;

import io.concord.idgen.LongIdGenerators;
import io.concord.idgen.entity.AggregateIds;

/**
 * Gives ids to aggregates of Spring Data JDBC, roots and children, before they are saved.
 * With several mapping contexts any will do: they differ in names of columns alone. Runs
 * first, so that the application's own callbacks see the id.
 */
final class AggregateIdsCallback implements BeforeConvertCallback<Object>, Ordered {

	private final SingletonSupplier<AggregateIds> ids;

	AggregateIdsCallback(ObjectProvider<JdbcMappingContext> contexts, ObjectProvider<LongIdGenerators> generators) {
		this.ids = SingletonSupplier
			.of(() -> new AggregateIds(contexts.orderedStream().findFirst().orElseThrow(), generators.getObject()));
	}

	@Override
	public Object onBeforeConvert(Object aggregate) {
		return this.ids.obtain().assign(aggregate);
	}

	@Override
	public int getOrder() {
		return Ordered.HIGHEST_PRECEDENCE;
	}

}
