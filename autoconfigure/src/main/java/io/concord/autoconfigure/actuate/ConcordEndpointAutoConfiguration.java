package io.concord.autoconfigure.actuate;

import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;

/**
 * {@link EnableAutoConfiguration Auto-configuration} of the actuator endpoint
 * {@code concord}.
 */
@AutoConfiguration
@ConditionalOnClass({ Endpoint.class, ConditionalOnAvailableEndpoint.class })
@EnableConfigurationProperties(ConcordEndpointProperties.class)
public final class ConcordEndpointAutoConfiguration {

	@Bean
	@ConditionalOnAvailableEndpoint
	ConcordEndpoint concordEndpoint(ObjectProvider<EndpointFeature> features, ConcordEndpointProperties properties) {
		return new ConcordEndpoint(features.orderedStream().toList(), properties.getShowKeys());
	}

}
