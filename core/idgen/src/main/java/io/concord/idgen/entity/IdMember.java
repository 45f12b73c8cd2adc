package io.concord.idgen.entity;

import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Field;
import java.lang.reflect.Member;
import java.lang.reflect.Method;
import java.util.List;

import org.jspecify.annotations.Nullable;

import org.springframework.core.ResolvableType;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.util.ReflectionUtils;
import org.springframework.util.StringUtils;

import io.concord.idgen.LongIdGenerator;
import io.concord.idgen.LongIdGenerators;
import io.concord.idgen.Snowflake;
import io.concord.invocation.InvalidAnnotationException;

/**
 * An annotated member of an entity.
 *
 * @param place class and name of the member, for messages
 * @param type its type
 * @param generator name of the generator
 */
record IdMember(String place, Class<?> type, String generator) {

	IdMember {
		if (type != long.class && type != Long.class && type != String.class) {
			throw invalid(place, "is of type " + type.getName() + ", which can't hold an id",
					"Make it a long, a Long or a String.");
		}
	}

	/**
	 * Looks for the annotation of a property: on its field, or else on its getter.
	 * @param owner class of the entity, whose superclasses are searched as well
	 * @param property name of the property
	 * @return the member, or {@code null} if it is not annotated
	 */
	static @Nullable IdMember find(Class<?> owner, String property) {
		Field field = ReflectionUtils.findField(owner, property);
		Snowflake annotation = annotation(field);
		if (field != null && annotation != null) {
			return of(field, property, ResolvableType.forField(field, owner), annotation);
		}
		String suffix = StringUtils.capitalize(property);
		for (String name : List.of("get" + suffix, "is" + suffix, property)) {
			Method getter = ReflectionUtils.findMethod(owner, name);
			annotation = annotation(getter);
			if (getter != null && annotation != null) {
				return of(getter, property, ResolvableType.forMethodReturnType(getter, owner), annotation);
			}
		}
		return null;
	}

	private static @Nullable Snowflake annotation(@Nullable AnnotatedElement element) {
		return (element != null) ? AnnotatedElementUtils.findMergedAnnotation(element, Snowflake.class) : null;
	}

	private static IdMember of(Member member, String property, ResolvableType type, Snowflake annotation) {
		return new IdMember(member.getDeclaringClass().getName() + "." + property, type.resolve(Object.class),
				annotation.value());
	}

	/** Starts no generator: that would call its store. */
	void check(LongIdGenerators generators) {
		if (!generators.names().contains(this.generator)) {
			throw invalid(this.place, "names the generator '" + this.generator + "', but there is none of this name",
					"Use one of " + generators.names() + ", or configure it under 'concord.idgen.generators."
							+ this.generator + "'.");
		}
	}

	/** An id that the application has set is kept. */
	boolean isMissing(@Nullable Object value) {
		return value == null || (this.type.isPrimitive() && value.equals(0L));
	}

	Object next(LongIdGenerators generators) {
		LongIdGenerator source = generators.get(this.generator);
		return (this.type == String.class) ? source.nextString() : (Object) source.next();
	}

	static InvalidAnnotationException invalid(String place, String problem, String action) {
		return new InvalidAnnotationException("@Snowflake on " + place + " can't work, as it " + problem + ".", action,
				null);
	}

}
