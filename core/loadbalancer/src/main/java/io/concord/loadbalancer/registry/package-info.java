/**
 * A registry of instances on leases: who lives holds one, and its note says where it is.
 */
@NullMarked
package io.concord.loadbalancer.registry;

import org.jspecify.annotations.NullMarked;
