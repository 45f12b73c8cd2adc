package io.concord.idgen.entity;

import java.util.Arrays;
import java.util.Collection;
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;

import org.jspecify.annotations.Nullable;

import org.springframework.core.CollectionFactory;
import org.springframework.data.mapping.PersistentEntity;
import org.springframework.data.mapping.PersistentProperty;
import org.springframework.data.mapping.PersistentPropertyAccessor;
import org.springframework.data.mapping.context.MappingContext;

import io.concord.idgen.LongIdGenerators;
import io.concord.idgen.Snowflake;

/**
 * Gives ids to aggregates of Spring Data: to the root and to what it contains, in
 * collections and maps too, but not to other aggregates that it refers to. What is
 * immutable, such as a record, is copied.
 *
 * <p>
 * For modules that Concord does not know, call {@link #assign} in their
 * {@code BeforeConvertCallback}. Thread-safe.
 */
public final class AggregateIds {

	private final MappingContext<?, ?> context;

	private final LongIdGenerators generators;

	private final Map<PersistentProperty<?>, IdMember> members = new ConcurrentHashMap<>();

	/**
	 * Creates an instance.
	 * @param context the mapping of the module
	 * @param generators the generators that annotations name
	 */
	public AggregateIds(MappingContext<?, ?> context, LongIdGenerators generators) {
		this.context = context;
		this.generators = generators;
	}

	/**
	 * Checks all entities that are known so far, without starting a generator.
	 * @throws io.concord.invocation.InvalidAnnotationException if an annotated property
	 * can't hold an id, or names a generator that there is not
	 */
	public void check() {
		for (PersistentEntity<?, ?> entity : this.context.getPersistentEntities()) {
			for (PersistentProperty<?> property : entity) {
				member(property);
			}
		}
	}

	/**
	 * Fills what is annotated with {@link Snowflake} and still {@code null}, or zero if
	 * it is a {@code long}. What has a value keeps it.
	 * @param <T> type of the aggregate
	 * @param aggregate the root
	 * @return the root, or a copy with ids if it is immutable and lacked some
	 * @throws io.concord.invocation.InvalidAnnotationException if an annotated property
	 * can't hold an id, or names a generator that there is not
	 * @throws io.concord.idgen.IdGenerationException if there is no id within the bounded
	 * wait
	 */
	@SuppressWarnings("unchecked")
	public <T> T assign(T aggregate) {
		return (T) new Pass().visit(aggregate);
	}

	private @Nullable IdMember member(PersistentProperty<?> property) {
		IdMember member = this.members.get(property);
		Snowflake annotation = (member == null) ? property.findAnnotation(Snowflake.class) : null;
		if (annotation != null) {
			member = new IdMember(property.getOwner().getType().getName() + "." + property.getName(),
					property.getType(), annotation.value());
			member.check(this.generators);
			this.members.put(property, member);
		}
		return member;
	}

	private static boolean isPart(PersistentProperty<?> property) {
		return property.isEntity() && !property.isAssociation();
	}

	/**
	 * Whether the copy has other objects. If not, all were filled in place, and to set it
	 * is only good for a set, where their hash codes may have changed.
	 */
	private static boolean isReplaced(Object value, Object visited) {
		if (value instanceof Collection<?> before && visited instanceof Collection<?> after) {
			Iterator<?> others = after.iterator();
			return before.stream().anyMatch((element) -> !others.hasNext() || others.next() != element);
		}
		if (value instanceof Map<?, ?> before && visited instanceof Map<?, ?> after) {
			return before.entrySet().stream().anyMatch((entry) -> after.get(entry.getKey()) != entry.getValue());
		}
		if (value instanceof Object[] before && visited instanceof Object[] after) {
			return IntStream.range(0, before.length).anyMatch((i) -> before[i] != after[i]);
		}
		return true;
	}

	/** One walk through an aggregate. */
	private final class Pass {

		/** Grows with each id, so that a caller sees whether something below got one. */
		private int assigned;

		Object visit(Object object) {
			PersistentEntity<?, ?> entity = AggregateIds.this.context.getPersistentEntity(object.getClass());
			if (entity == null) {
				return object;
			}
			PersistentPropertyAccessor<Object> accessor = entity.getPropertyAccessor(object);
			for (PersistentProperty<?> property : entity) {
				IdMember member = member(property);
				Object value = (member != null || isPart(property)) ? accessor.getProperty(property) : null;
				if (member != null && member.isMissing(value)) {
					accessor.setProperty(property, member.next(AggregateIds.this.generators));
					this.assigned++;
				}
				else if (member == null && value != null) {
					int before = this.assigned;
					Object visited = visitValue(value);
					if (this.assigned > before && visited != value && (isReplaced(value, visited)
							|| !property.isImmutable() || entity.isCreatorArgument(property))) {
						accessor.setProperty(property, visited);
					}
				}
			}
			return accessor.getBean();
		}

		private Object visitValue(Object value) {
			if (value instanceof Collection<?> collection) {
				Collection<Object> visited = CollectionFactory.createApproximateCollection(collection,
						collection.size());
				collection.forEach((element) -> visited.add(visitElement(element)));
				return visited;
			}
			if (value instanceof Map<?, ?> map) {
				Map<Object, Object> visited = CollectionFactory.createApproximateMap(map, map.size());
				map.forEach((key, element) -> visited.put(key, visitElement(element)));
				return visited;
			}
			if (value instanceof Object[] array) {
				Object[] visited = array.clone();
				Arrays.setAll(visited, (i) -> visitElement(visited[i]));
				return visited;
			}
			return visit(value);
		}

		private Object visitElement(Object element) {
			return (element != null) ? visitValue(element) : element;
		}

	}

}
