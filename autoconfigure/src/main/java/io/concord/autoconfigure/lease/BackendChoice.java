package io.concord.autoconfigure.lease;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;

import io.concord.autoconfigure.Backend;
import io.concord.autoconfigure.ConcordProperties;
import io.concord.autoconfigure.InvalidConcordConfigurationException;

/**
 * Chooses the backend of a feature: what the feature names, else what all name, else the
 * only one whose client the application has, where a client of ZooKeeper that finds
 * instances of services doesn't count beside another one. Never guesses, as nodes that
 * chose differently would not exclude each other.
 */
final class BackendChoice {

	private final ConcordProperties properties;

	private final ConfigurableListableBeanFactory beanFactory;

	BackendChoice(ConcordProperties properties, ConfigurableListableBeanFactory beanFactory) {
		this.properties = properties;
		this.beanFactory = beanFactory;
	}

	Backend choose(String feature, @Nullable Backend own) {
		if (own != null) {
			return own;
		}
		Backend common = this.properties.getBackend();
		if (common != null) {
			return common;
		}
		List<ClientBeans> present = Arrays.stream(BackendClient.values())
			.map(this::beans)
			.filter(ClientBeans::arePresent)
			.toList();
		if (present.size() > 1) {
			present = present.stream().filter((beans) -> !isForDiscovery(beans)).toList();
		}
		if (present.size() == 1) {
			return present.get(0).client().backend();
		}
		throw present.isEmpty() ? none(feature) : several(feature, present);
	}

	/**
	 * Whether a client is there as Spring Cloud Zookeeper finds instances by it. The same
	 * in all processes, as they have the same libraries.
	 */
	private boolean isForDiscovery(ClientBeans beans) {
		return beans.client() == BackendClient.ZOOKEEPER && !beans.areMeantForConcord()
				&& this.beanFactory.containsBean("zookeeperDiscoveryClient");
	}

	ClientBeans beans(BackendClient client) {
		String named = switch (client) {
			case REDIS -> this.properties.getRedis().getConnectionFactory();
			case JDBC -> this.properties.getJdbc().getDataSource();
			case ZOOKEEPER -> this.properties.getZookeeper().getCuratorFramework();
		};
		return new ClientBeans(client, this.beanFactory, named);
	}

	private static InvalidConcordConfigurationException none(String feature) {
		String lines = Arrays.stream(BackendClient.values())
			.map((client) -> "    concord.backend=%s (%s)".formatted(client.value(), client.howToConfigure()))
			.collect(Collectors.joining("\n"));
		String types = Arrays.stream(BackendClient.values())
			.map(BackendClient::clientTypeName)
			.collect(Collectors.joining(" nor a "));
		return new InvalidConcordConfigurationException(
				"'concord.%s' needs a store, but 'concord.backend' is not set and the application has neither a %s bean."
					.formatted(feature, types),
				"Configure the client of a store that all processes of the application share, and name its backend by one of these lines:\n"
						+ lines + "\n    concord.backend=local (one process only: for tests and development)");
	}

	private static InvalidConcordConfigurationException several(String feature, List<ClientBeans> present) {
		String candidates = present.stream()
			.map((beans) -> "  %s:\n%s".formatted(beans.client().value(), beans.describe()))
			.collect(Collectors.joining("\n"));
		String lines = present.stream()
			.map((beans) -> "    concord.backend=" + beans.client().value())
			.collect(Collectors.joining("\n"));
		return new InvalidConcordConfigurationException(
				"'concord.%s' needs a store, but 'concord.backend' is not set and the application has the clients of several backends:\n%s"
					.formatted(feature, candidates),
				"Name the one that all processes of the application share by one of these lines:\n%s\nTo choose for this feature only, set 'concord.%s.backend' instead."
					.formatted(lines, feature));
	}

}
