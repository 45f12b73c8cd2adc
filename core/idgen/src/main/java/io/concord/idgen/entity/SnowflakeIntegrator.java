package io.concord.idgen.entity;

import java.util.Map;
import java.util.Objects;

import org.hibernate.boot.Metadata;
import org.hibernate.boot.spi.BootstrapContext;
import org.hibernate.engine.config.spi.ConfigurationService;
import org.hibernate.engine.spi.SessionFactoryImplementor;
import org.hibernate.integrator.spi.Integrator;
import org.hibernate.mapping.Collection;
import org.hibernate.mapping.Component;
import org.hibernate.mapping.KeyValue;
import org.hibernate.mapping.PersistentClass;
import org.hibernate.mapping.Property;
import org.hibernate.mapping.RootClass;
import org.hibernate.mapping.SimpleValue;
import org.hibernate.mapping.Value;
import org.jspecify.annotations.Nullable;

import io.concord.idgen.LongIdGenerators;
import io.concord.idgen.Snowflake;

/**
 * Puts {@link Snowflake} on entities of Hibernate into effect, when a session factory is
 * built. Hibernate finds it as a service; it takes the generators from the setting
 * {@value #GENERATORS}. The annotation bears nothing of Hibernate, as who uses it without
 * Hibernate would be warned by the compiler.
 */
public final class SnowflakeIntegrator implements Integrator {

	/**
	 * Name of the setting that has the {@link LongIdGenerators}; needed only if an entity
	 * is annotated.
	 */
	public static final String GENERATORS = "concord.idgen.generators";

	@Override
	public void integrate(Metadata metadata, BootstrapContext bootstrapContext,
			SessionFactoryImplementor sessionFactory) {
		Map<String, Object> settings = sessionFactory.getServiceRegistry()
			.requireService(ConfigurationService.class)
			.getSettings();
		LongIdGenerators generators = (settings.get(GENERATORS) instanceof LongIdGenerators given) ? given : null;
		for (PersistentClass entity : metadata.getEntityBindings()) {
			if (entity instanceof RootClass root) {
				integrateId(root, generators);
			}
			for (Property property : entity.getProperties()) {
				integrate(entity, property, generators);
			}
		}
		for (Collection collection : metadata.getCollectionBindings()) {
			refuseInside(collection.getElement());
		}
	}

	/** Subclasses have the id of their root. */
	private static void integrateId(RootClass entity, @Nullable LongIdGenerators generators) {
		Property property = entity.getIdentifierProperty();
		KeyValue key = entity.getIdentifier();
		IdMember member = (property != null) ? member(entity, property, generators) : null;
		if (member == null) {
			refuseInside(key);
		}
		else if (key instanceof SimpleValue value && value.getCustomIdGeneratorCreator().isAssigned()) {
			value.setCustomIdGeneratorCreator((context) -> generator(member, generators));
		}
		else {
			throw IdMember.invalid(member.place(), "already gets its value in another way",
					"Remove @GeneratedValue or @MapsId, or else @Snowflake.");
		}
	}

	private static void integrate(PersistentClass entity, Property property, @Nullable LongIdGenerators generators) {
		IdMember member = member(entity, property, generators);
		if (member == null) {
			refuseInside(property.getValue());
		}
		else if (property.getValueGeneratorCreator() == null) {
			property.setValueGeneratorCreator((context) -> generator(member, generators));
		}
		else {
			throw IdMember.invalid(member.place(), "already gets its value in another way",
					"Remove the other annotation that generates it, or else @Snowflake.");
		}
	}

	private static @Nullable IdMember member(PersistentClass entity, Property property,
			@Nullable LongIdGenerators generators) {
		Class<?> type = entity.getMappedClass();
		IdMember member = (type != null) ? IdMember.find(type, property.getName()) : null;
		if (member != null) {
			if (generators == null) {
				throw IdMember.invalid(member.place(),
						"has no generators: the setting '" + GENERATORS + "' of Hibernate is absent",
						"Let Concord's auto-configuration set it (concord.idgen.enabled), or put the LongIdGenerators "
								+ "there.");
			}
			member.check(generators);
		}
		return member;
	}

	private static SnowflakeIdentifierGenerator generator(IdMember member, @Nullable LongIdGenerators generators) {
		return new SnowflakeIdentifierGenerator(member, Objects.requireNonNull(generators));
	}

	/** Hibernate would make embeddables of nothing but ids, or none where it must. */
	private static void refuseInside(Value value) {
		if (value instanceof Component component) {
			for (Property property : component.getProperties()) {
				Class<?> type = component.getComponentClass();
				IdMember member = (type != null) ? IdMember.find(type, property.getName()) : null;
				if (member != null) {
					throw IdMember.invalid(member.place(), "is in an embeddable or a composite id",
							"Put it on a simple id, or on another field of the entity itself.");
				}
				refuseInside(property.getValue());
			}
		}
	}

}
