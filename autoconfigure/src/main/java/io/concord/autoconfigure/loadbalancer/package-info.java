/**
 * Auto-configuration of load balancing in the client, by Spring Cloud LoadBalancer.
 */
@NullMarked
package io.concord.autoconfigure.loadbalancer;

import org.jspecify.annotations.NullMarked;
