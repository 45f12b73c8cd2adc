package io.concord.autoconfigure.actuate;

import org.springframework.boot.actuate.endpoint.Show;
import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * Configuration properties of the actuator endpoint.
 */
@ConfigurationProperties("concord.endpoint")
public class ConcordEndpointProperties {

	/**
	 * When the actuator endpoint shows keys, which can be data of people. Otherwise it
	 * shows a hash.
	 */
	private Show showKeys = Show.NEVER;

	public Show getShowKeys() {
		return this.showKeys;
	}

	public void setShowKeys(Show showKeys) {
		this.showKeys = showKeys;
	}

}
