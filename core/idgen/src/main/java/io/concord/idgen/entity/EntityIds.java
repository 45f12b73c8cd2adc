package io.concord.idgen.entity;

import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

import org.springframework.beans.BeanUtils;
import org.springframework.util.ReflectionUtils;

import io.concord.idgen.LongIdGenerators;
import io.concord.idgen.Snowflake;

/**
 * Gives ids to objects, for mappers that Concord does not know: call {@link #assign} in
 * the callback that the mapper has before an insert. Knows fields of classes, inherited
 * ones too, and components of records; does not follow references to other objects.
 *
 * <p>
 * Thread-safe.
 */
public final class EntityIds {

	private final LongIdGenerators generators;

	private final Map<Class<?>, List<Slot>> slots = new ConcurrentHashMap<>();

	/**
	 * Creates an instance.
	 * @param generators the generators that annotations name
	 */
	public EntityIds(LongIdGenerators generators) {
		this.generators = generators;
	}

	/**
	 * Fills what is annotated with {@link Snowflake} and still {@code null}, or zero if
	 * it is a {@code long}. What has a value keeps it.
	 * @param <T> type of the object
	 * @param entity the object
	 * @return the object, or a copy with ids if it is a record that lacked some
	 * @throws io.concord.invocation.InvalidAnnotationException if an annotated member
	 * can't hold an id, is final, or names a generator that there is not
	 * @throws io.concord.idgen.IdGenerationException if there is no id within the bounded
	 * wait
	 */
	public <T> T assign(T entity) {
		Map<String, Object> ids = null;
		for (Slot slot : slots(entity.getClass())) {
			if (slot.member().isMissing(ReflectionUtils.getField(slot.field(), entity))) {
				Object id = slot.member().next(this.generators);
				if (entity instanceof Record) {
					ids = (ids != null) ? ids : new HashMap<>();
					ids.put(slot.field().getName(), id);
				}
				else {
					ReflectionUtils.setField(slot.field(), entity, id);
				}
			}
		}
		return (ids != null) ? copy(entity, ids) : entity;
	}

	private List<Slot> slots(Class<?> type) {
		List<Slot> found = this.slots.get(type);
		if (found == null) {
			found = findSlots(type);
			this.slots.put(type, found);
		}
		return found;
	}

	private List<Slot> findSlots(Class<?> type) {
		List<Slot> found = new ArrayList<>();
		ReflectionUtils.doWithFields(type, (field) -> {
			IdMember member = IdMember.find(type, field.getName());
			if (member != null) {
				member.check(this.generators);
				if (Modifier.isFinal(field.getModifiers()) && !type.isRecord()) {
					throw IdMember.invalid(member.place(), "is final", "Remove final, or make the class a record.");
				}
				ReflectionUtils.makeAccessible(field);
				found.add(new Slot(field, member));
			}
		}, (field) -> !Modifier.isStatic(field.getModifiers()));
		return List.copyOf(found);
	}

	@SuppressWarnings("unchecked")
	private static <T> T copy(T record, Map<String, Object> ids) {
		RecordComponent[] components = record.getClass().getRecordComponents();
		@Nullable Object[] values = Stream.of(components).map((component) -> {
			Object id = ids.get(component.getName());
			return (id != null) ? id : value(component, record);
		}).toArray();
		Class<?>[] types = Stream.of(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
		try {
			Constructor<?> canonical = record.getClass().getDeclaredConstructor(types);
			return (T) BeanUtils.instantiateClass(canonical, values);
		}
		catch (NoSuchMethodException ex) {
			throw new IllegalStateException("A record without a canonical constructor: " + record.getClass(), ex);
		}
	}

	private static @Nullable Object value(RecordComponent component, Object record) {
		ReflectionUtils.makeAccessible(component.getAccessor());
		return ReflectionUtils.invokeMethod(component.getAccessor(), record);
	}

	private record Slot(Field field, IdMember member) {
	}

}
