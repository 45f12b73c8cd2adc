/**
 * Load balancing in Spring Cloud Gateway.
 */
@NullMarked
package io.concord.sample.gateway;

import org.jspecify.annotations.NullMarked;
