/**
 * Load balancing in the client: {@link io.concord.loadbalancer.Balancer} chooses one of
 * the instances of a service for each call. Knows no HTTP and no registry.
 */
@NullMarked
package io.concord.loadbalancer;

import org.jspecify.annotations.NullMarked;
