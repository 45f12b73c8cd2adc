package io.concord.autoconfigure.idgen;

import java.util.Set;
import java.util.function.LongSupplier;

import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.InjectionPoint;
import org.springframework.beans.factory.UnsatisfiedDependencyException;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.Ordered;
import org.springframework.core.ResolvableType;
import org.springframework.core.env.Environment;

import io.concord.idgen.LongIdGenerator;
import io.concord.idgen.Snowflake;

/**
 * Says why nothing can be injected where {@link Snowflake} stands: no generator has the
 * name, or the type is none that a generator has. Before Spring Boot's own analyzer.
 */
final class SnowflakeInjectionFailureAnalyzer extends AbstractFailureAnalyzer<UnsatisfiedDependencyException>
		implements Ordered {

	private final @Nullable Environment environment;

	SnowflakeInjectionFailureAnalyzer(@Nullable Environment environment) {
		this.environment = environment;
	}

	@Override
	public int getOrder() {
		return -1;
	}

	@Override
	protected @Nullable FailureAnalysis analyze(Throwable rootFailure, UnsatisfiedDependencyException cause) {
		InjectionPoint point = cause.getInjectionPoint();
		Snowflake annotation = (point != null) ? point.getAnnotation(Snowflake.class) : null;
		if (point == null || annotation == null || this.environment == null) {
			return null;
		}
		Class<?> type = type(point);
		String place = "@Snowflake(\"" + annotation.value() + "\") on " + point;
		if (type != LongIdGenerator.class && type != LongSupplier.class) {
			return new FailureAnalysis(
					place + " asks for a " + type.getName()
							+ ", but a generator can only be injected as LongIdGenerator or LongSupplier.",
					"Give it one of these types, and call next() or getAsLong() where an id is wanted. "
							+ "On the id of an entity, the annotation works only if the entity is no bean.",
					cause);
		}
		Set<String> names = IdGeneratorBeans.names(this.environment);
		if (names.contains(annotation.value())) {
			return null;
		}
		return new FailureAnalysis(
				place + " names a generator that does not exist. There are: '" + String.join("', '", names) + "'.",
				"Correct the name, or describe the generator by properties under 'concord.idgen.generators."
						+ annotation.value() + "', such as its 'type'.",
				cause);
	}

	private static Class<?> type(InjectionPoint point) {
		ResolvableType type = (point.getMethodParameter() != null)
				? ResolvableType.forMethodParameter(point.getMethodParameter())
				: (point.getField() != null) ? ResolvableType.forField(point.getField()) : ResolvableType.NONE;
		return type.toClass();
	}

}
