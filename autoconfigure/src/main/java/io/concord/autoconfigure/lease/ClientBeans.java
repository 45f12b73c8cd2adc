package io.concord.autoconfigure.lease;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.BeanFactoryUtils;
import org.springframework.beans.factory.NoSuchBeanDefinitionException;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.support.AbstractBeanDefinition;
import org.springframework.util.ClassUtils;

import io.concord.autoconfigure.ConcordClient;
import io.concord.autoconfigure.InvalidConcordConfigurationException;

/**
 * The beans of one backend's client that the application has, and which of them to use.
 * Looks at bean definitions only.
 */
final class ClientBeans {

	/** Stand for several servers, so that what is written may not be found again. */
	private static final Set<String> ROUTERS = Set.of("io.concord.sharding.jdbc.ShardedDataSource",
			"io.concord.sharding.redis.ShardedRedisConnectionFactory");

	private final BackendClient client;

	private final ConfigurableListableBeanFactory beanFactory;

	private final @Nullable String named;

	private final List<Candidate> all = new ArrayList<>();

	ClientBeans(BackendClient client, ConfigurableListableBeanFactory beanFactory, @Nullable String named) {
		this.client = client;
		this.beanFactory = beanFactory;
		this.named = named;
		ClassLoader classLoader = beanFactory.getBeanClassLoader();
		if (ClassUtils.isPresent(client.clientType(), classLoader)) {
			Class<?> type = ClassUtils.resolveClassName(client.clientType(), classLoader);
			for (String name : BeanFactoryUtils.beanNamesForTypeIncludingAncestors(beanFactory, type, true, true)) {
				Candidate candidate = candidate(name);
				if (!ROUTERS.contains(candidate.type())) {
					this.all.add(candidate);
				}
			}
		}
	}

	private Candidate candidate(String name) {
		boolean qualified = this.beanFactory.findAnnotationOnBean(name, ConcordClient.class) != null;
		boolean primary = false;
		boolean offered = true;
		try {
			BeanDefinition definition = this.beanFactory.getMergedBeanDefinition(name);
			primary = definition.isPrimary();
			offered = definition.isAutowireCandidate()
					&& !(definition instanceof AbstractBeanDefinition merged && !merged.isDefaultCandidate());
		}
		catch (NoSuchBeanDefinitionException ex) {
			// Registered as an object: nothing but its type is known.
		}
		Class<?> type = this.beanFactory.getType(name);
		return new Candidate(name, (type != null) ? type.getName() : this.client.clientType(), qualified, primary,
				offered);
	}

	BackendClient client() {
		return this.client;
	}

	/**
	 * Returns whether the application has configured the client for general use, or said
	 * that Concord is to use it.
	 */
	boolean arePresent() {
		return this.all.stream()
			.anyMatch((bean) -> bean.offered() || bean.qualified() || bean.name().equals(this.named));
	}

	/** Whether the application has said that Concord is to use one of them. */
	boolean areMeantForConcord() {
		return this.all.stream().anyMatch((bean) -> bean.qualified() || bean.name().equals(this.named));
	}

	/**
	 * Returns the bean to use.
	 * @throws InvalidConcordConfigurationException if there is none, or none of several
	 * stands out
	 */
	Choice choose() {
		if (this.named != null) {
			return chooseNamed(this.named);
		}
		List<Candidate> qualified = this.all.stream().filter(Candidate::qualified).toList();
		if (qualified.size() == 1) {
			return new Choice(qualified.get(0).name(), "marked with @ConcordClient");
		}
		if (qualified.size() > 1) {
			throw several(qualified, "are marked with @ConcordClient", "Mark one of them only, or name it");
		}
		List<Candidate> offered = this.all.stream().filter(Candidate::offered).toList();
		if (offered.size() == 1) {
			return new Choice(offered.get(0).name(), "the only one");
		}
		List<Candidate> primary = offered.stream().filter(Candidate::primary).toList();
		if (primary.size() == 1) {
			return new Choice(primary.get(0).name(), "the primary one of " + offered.size());
		}
		if (offered.isEmpty()) {
			throw missing();
		}
		throw several(offered, "could be used", "Mark one of them with @ConcordClient, or name it");
	}

	private Choice chooseNamed(String name) {
		for (Candidate bean : this.all) {
			if (bean.name().equals(name)) {
				return new Choice(name, "named by '" + this.client.beanProperty() + "'");
			}
		}
		throw InvalidConcordConfigurationException.ofProperty(this.client.beanProperty(), name,
				"but the application has no %s bean of that name%s".formatted(this.client.clientTypeName(),
						this.all.isEmpty() ? "." : ". It has these:\n" + list(this.all)),
				this.all.isEmpty() ? define() : "Set it to one of these names, or remove it.");
	}

	private InvalidConcordConfigurationException missing() {
		return new InvalidConcordConfigurationException(
				"The backend '%s' was chosen, but the application has no %s bean%s".formatted(this.client.value(),
						this.client.clientTypeName(),
						this.all.isEmpty() ? "." : " for general use. It has these:\n" + list(this.all)),
				this.all.isEmpty() ? define() : "Name one of them:\n" + lines(this.all));
	}

	private String define() {
		return "For the client that Spring Boot configures, %s. Or define a bean of type %s, or choose another backend by 'concord.backend'."
			.formatted(this.client.howToConfigure(), this.client.clientType());
	}

	private InvalidConcordConfigurationException several(List<Candidate> beans, String what, String action) {
		return new InvalidConcordConfigurationException(
				"The backend '%s' was chosen, and several %s beans %s:\n%s".formatted(this.client.value(),
						this.client.clientTypeName(), what, list(beans)),
				action + " by one of these lines:\n" + lines(beans));
	}

	/** One line a bean, with name and type. */
	String describe() {
		return list(this.all);
	}

	private static String list(List<Candidate> beans) {
		return beans.stream()
			.map((bean) -> "    - '%s' (%s)".formatted(bean.name(), bean.type()))
			.collect(Collectors.joining("\n"));
	}

	private String lines(List<Candidate> beans) {
		return beans.stream()
			.map((bean) -> "    %s=%s".formatted(this.client.beanProperty(), bean.name()))
			.collect(Collectors.joining("\n"));
	}

	/**
	 * The bean to use.
	 *
	 * @param name its name
	 * @param reason why it is this one, for people
	 */
	record Choice(String name, String reason) {
	}

	/**
	 * A bean of the client's type.
	 *
	 * @param name its name
	 * @param type its type
	 * @param qualified whether it is marked for Concord
	 * @param primary whether it is the primary one
	 * @param offered whether it is injected where no qualifier is given
	 */
	private record Candidate(String name, String type, boolean qualified, boolean primary, boolean offered) {
	}

}
