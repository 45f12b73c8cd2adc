package io.concord.autoconfigure.loadbalancer;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

import org.jspecify.annotations.Nullable;

import org.springframework.boot.context.properties.ConfigurationProperties;

import io.concord.autoconfigure.Backend;
import io.concord.autoconfigure.InvalidConcordConfigurationException;

/**
 * Configuration properties of the registry of instances.
 */
@ConfigurationProperties("concord.discovery")
public class DiscoveryProperties {

	/**
	 * Whether instances register themselves in the store of Concord, and are found there.
	 */
	private boolean enabled;

	/**
	 * Backend of the registry, if it is not that of all features.
	 */
	private @Nullable Backend backend;

	/**
	 * Time after which an instance is no longer listed that has died.
	 */
	private Duration leaseTime = Duration.ofSeconds(10);

	/**
	 * Time between two looks for changes.
	 */
	private Duration pollInterval = Duration.ofSeconds(1);

	/**
	 * Whether this process registers itself, under the name of the application.
	 */
	private boolean register = true;

	/**
	 * Stable name of this instance. If unset, its host and port.
	 */
	private @Nullable String instanceId;

	/**
	 * Host under which others reach this process. If unset, an address of this machine.
	 */
	private @Nullable String host;

	/**
	 * Port under which others reach this process. If unset, that of its web server; a
	 * process without one doesn't register.
	 */
	private @Nullable Integer port;

	/**
	 * Whether others reach this process by TLS.
	 */
	private boolean secure;

	/**
	 * What else callers may want to know, such as 'weight'. All together have to be
	 * short.
	 */
	private Map<String, String> metadata = new LinkedHashMap<>();

	public boolean isEnabled() {
		return this.enabled;
	}

	public void setEnabled(boolean enabled) {
		this.enabled = enabled;
	}

	public @Nullable Backend getBackend() {
		return this.backend;
	}

	public void setBackend(@Nullable Backend backend) {
		this.backend = backend;
	}

	public Duration getLeaseTime() {
		return this.leaseTime;
	}

	public void setLeaseTime(Duration leaseTime) {
		this.leaseTime = leaseTime;
	}

	public Duration getPollInterval() {
		return this.pollInterval;
	}

	public void setPollInterval(Duration pollInterval) {
		this.pollInterval = pollInterval;
	}

	public boolean isRegister() {
		return this.register;
	}

	public void setRegister(boolean register) {
		this.register = register;
	}

	public @Nullable String getInstanceId() {
		return this.instanceId;
	}

	public void setInstanceId(@Nullable String instanceId) {
		this.instanceId = instanceId;
	}

	public @Nullable String getHost() {
		return this.host;
	}

	public void setHost(@Nullable String host) {
		this.host = host;
	}

	public @Nullable Integer getPort() {
		return this.port;
	}

	public void setPort(@Nullable Integer port) {
		this.port = port;
	}

	public boolean isSecure() {
		return this.secure;
	}

	public void setSecure(boolean secure) {
		this.secure = secure;
	}

	public Map<String, String> getMetadata() {
		return this.metadata;
	}

	public void setMetadata(Map<String, String> metadata) {
		this.metadata = metadata;
	}

	void check(Duration minLeaseTime) {
		if (this.leaseTime.compareTo(minLeaseTime) < 0) {
			throw InvalidConcordConfigurationException.ofProperty("concord.discovery.lease-time", this.leaseTime,
					"but must be at least %d ms with this store.".formatted(minLeaseTime.toMillis()),
					"Set it to a longer time, such as '10s'.");
		}
		if (this.pollInterval.toMillis() < 10) {
			throw InvalidConcordConfigurationException.ofProperty("concord.discovery.poll-interval", this.pollInterval,
					"but must be at least 10ms.", "Set it to a longer time, such as '1s'.");
		}
	}

}
