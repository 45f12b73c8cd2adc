package io.concord.autoconfigure;

import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import io.concord.autoconfigure.ConfigurationMetadata.Property;

import static org.assertj.core.api.Assertions.assertThat;

class ConfigurationMetadataTests {

	/** Unset by default: what happens then is in the description. */
	private static final Set<String> WITHOUT_DEFAULT = Set.of("concord.backend", "concord.namespace",
			"concord.guard.data-source", "concord.jdbc.data-source", "concord.jdbc.notifications",
			"concord.redis.connection-factory", "concord.zookeeper.curator-framework", "concord.lock.backend",
			"concord.election.backend", "concord.election.elections", "concord.election.node.id",
			"concord.election.node.address", "concord.idgen.backend", "concord.idgen.generators",
			"concord.ratelimit.backend", "concord.ratelimit.rules", "concord.ratelimit.http.limits",
			"concord.ratelimit.http.trusted-proxies", "concord.sharding", "concord.discovery.backend",
			"concord.discovery.host", "concord.discovery.instance-id", "concord.discovery.metadata",
			"concord.discovery.port", "concord.loadbalancer.clients", "concord.loadbalancer.hash.key");

	private static final ConfigurationMetadata METADATA = new ConfigurationMetadata();

	@Test
	void hasAllProperties() {
		assertThat(METADATA.properties()).extracting(Property::name)
			.containsExactly("concord.backend", "concord.discovery.backend", "concord.discovery.enabled",
					"concord.discovery.host", "concord.discovery.instance-id", "concord.discovery.lease-time",
					"concord.discovery.metadata", "concord.discovery.poll-interval", "concord.discovery.port",
					"concord.discovery.register", "concord.discovery.secure", "concord.election.backend",
					"concord.election.elections", "concord.election.enabled", "concord.election.lease-time",
					"concord.election.node.address", "concord.election.node.id", "concord.endpoint.show-keys",
					"concord.guard.data-source", "concord.idgen.backend", "concord.idgen.enabled",
					"concord.idgen.generators", "concord.idgen.json-as-string", "concord.jdbc.data-source",
					"concord.jdbc.initialize-schema", "concord.jdbc.notifications", "concord.jdbc.poll-interval",
					"concord.jdbc.retention", "concord.jdbc.table-prefix", "concord.loadbalancer.algorithm",
					"concord.loadbalancer.clients", "concord.loadbalancer.ejection.cancelled-after",
					"concord.loadbalancer.ejection.connect-failures",
					"concord.loadbalancer.ejection.consecutive-failures", "concord.loadbalancer.ejection.enabled",
					"concord.loadbalancer.ejection.failure-rate", "concord.loadbalancer.ejection.max-share",
					"concord.loadbalancer.ejection.max-time", "concord.loadbalancer.ejection.min-calls",
					"concord.loadbalancer.ejection.statuses", "concord.loadbalancer.ejection.time",
					"concord.loadbalancer.enabled", "concord.loadbalancer.ewma-decay",
					"concord.loadbalancer.first-list-timeout", "concord.loadbalancer.hash.bound",
					"concord.loadbalancer.hash.key", "concord.loadbalancer.hash.table",
					"concord.loadbalancer.longest-call", "concord.loadbalancer.refresh-interval",
					"concord.loadbalancer.retry.budget-per-second", "concord.loadbalancer.retry.budget-ratio",
					"concord.loadbalancer.retry.enabled", "concord.loadbalancer.retry.max-retries",
					"concord.loadbalancer.retry.methods", "concord.loadbalancer.retry.statuses",
					"concord.loadbalancer.slow-start", "concord.loadbalancer.sticky.cookie", "concord.lock.backend",
					"concord.lock.enabled", "concord.lock.hand-over.enabled", "concord.lock.hand-over.max-time",
					"concord.lock.hand-over.max-turns", "concord.lock.lease-time", "concord.lock.wait-time",
					"concord.namespace", "concord.ratelimit.backend", "concord.ratelimit.enabled",
					"concord.ratelimit.http.limits", "concord.ratelimit.http.trusted-proxies",
					"concord.ratelimit.lease-time", "concord.ratelimit.local-limiter",
					"concord.ratelimit.max-local-keys", "concord.ratelimit.rules", "concord.ratelimit.store-timeout",
					"concord.ratelimit.top-refused", "concord.redis.connection-factory", "concord.redis.wait-replicas",
					"concord.redis.wait-replicas-timeout", "concord.sharding", "concord.shutdown-timeout",
					"concord.store-timeout", "concord.zookeeper.curator-framework", "concord.zookeeper.tick-time",
					"management.endpoint.concord.access", "management.endpoint.concord.cache.time-to-live",
					"management.health.concord.enabled");
	}

	@ParameterizedTest
	@MethodSource("properties")
	void isDescribed(Property property) {
		assertThat(property.name()).matches("(management\\.(endpoint|health)\\.)?concord\\..+");
		assertThat(property.description()).isNotBlank().endsWith(".").doesNotStartWith("The ").doesNotStartWith("A ");
		if (property.type().equals("java.lang.Boolean")) {
			assertThat(property.description()).matches("(Whether|Enable) .*");
		}
	}

	@ParameterizedTest
	@MethodSource("properties")
	void hasDefaultWhereThereIsOne(Property property) {
		if (WITHOUT_DEFAULT.contains(property.name())) {
			assertThat(property.defaultValue()).isNull();
		}
		else {
			assertThat(property.defaultValue()).isNotNull();
		}
	}

	@Test
	void hintsAtPropertiesThatExist() {
		assertThat(METADATA.properties()).extracting(Property::name)
			.containsAll(METADATA.hintedProperties())
			.isNotEmpty();
		assertThat(METADATA.hintedProperties()).contains("concord.backend", "concord.jdbc.data-source");
	}

	static Stream<Property> properties() {
		List<Property> properties = METADATA.properties();
		assertThat(properties).isNotEmpty();
		return properties.stream();
	}

}
