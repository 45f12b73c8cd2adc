package io.concord.autoconfigure.idgen;

import java.lang.annotation.Annotation;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.Version;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.JacksonModule;
import tools.jackson.databind.ValueDeserializer;
import tools.jackson.databind.cfg.MapperConfig;
import tools.jackson.databind.deser.jdk.NumberDeserializers;
import tools.jackson.databind.deser.std.DelegatingDeserializer;
import tools.jackson.databind.introspect.Annotated;
import tools.jackson.databind.introspect.NopAnnotationIntrospector;
import tools.jackson.databind.ser.std.ToStringSerializer;

import io.concord.idgen.Snowflake;

/**
 * Writes {@code long} properties that are annotated with {@link Snowflake} as strings, as
 * JavaScript rounds numbers of more than 53 bits, and reads them from strings and
 * numbers. Other numbers are left alone.
 */
@SuppressWarnings("serial")
final class IdJacksonModule extends JacksonModule {

	@Override
	public String getModuleName() {
		return "concord-ids";
	}

	@Override
	public Version version() {
		return Version.unknownVersion();
	}

	@Override
	public void setupModule(SetupContext context) {
		context.insertAnnotationIntrospector(new IdIntrospector());
	}

	private static final class IdIntrospector extends NopAnnotationIntrospector {

		@Override
		public @Nullable Object findSerializer(MapperConfig<?> config, Annotated annotated) {
			return isId(annotated) ? ToStringSerializer.instance : null;
		}

		@Override
		public @Nullable Object findDeserializer(MapperConfig<?> config, Annotated annotated) {
			return isId(annotated) ? new IdDeserializer(NumberDeserializers.find(annotated.getRawType())) : null;
		}

		/** So that annotations which are composed of it count. */
		@Override
		public boolean isAnnotationBundle(Annotation annotation) {
			return annotation.annotationType().isAnnotationPresent(Snowflake.class);
		}

		private static boolean isId(Annotated annotated) {
			Class<?> type = annotated.getRawType();
			return (type == long.class || type == Long.class) && annotated.hasAnnotation(Snowflake.class);
		}

	}

	/** Reads strings even where the application forbids to coerce them to numbers. */
	private static final class IdDeserializer extends DelegatingDeserializer {

		IdDeserializer(ValueDeserializer<?> numbers) {
			super(numbers);
		}

		@Override
		protected ValueDeserializer<?> newDelegatingInstance(ValueDeserializer<?> numbers) {
			return new IdDeserializer(numbers);
		}

		@Override
		public @Nullable Object deserialize(JsonParser parser, DeserializationContext context) {
			if (parser.hasToken(JsonToken.VALUE_STRING)) {
				try {
					return Long.valueOf(parser.getString());
				}
				catch (NumberFormatException ex) {
					return context.handleWeirdStringValue(Long.class, parser.getString(), "not an id");
				}
			}
			return super.deserialize(parser, context);
		}

	}

}
