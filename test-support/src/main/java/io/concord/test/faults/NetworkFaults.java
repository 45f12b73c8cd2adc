package io.concord.test.faults;

import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

import io.concord.test.net.TcpProxy;

/**
 * Faults of the networks between workers and a store. Each hits one of them, or all every
 * fourth time.
 */
public final class NetworkFaults {

	private static final Duration DELAY = Duration.ofMillis(120);

	private static final Duration NEAR = Duration.ofMillis(25);

	private static final Duration FAR = Duration.ofMillis(250);

	private NetworkFaults() {
	}

	/**
	 * Delays, lost replies, a network that has lost its way, connections that are reset
	 * and refused.
	 * @param networks the proxies of each network
	 * @param length how long each fault lasts at least
	 * @return the faults
	 */
	public static List<Fault> of(List<List<TcpProxy>> networks, Duration length) {
		return List.of(fault("network delays", networks, length, (proxy) -> proxy.delay(DELAY, DELAY.dividedBy(2))),
				fault("replies lost", networks, length, TcpProxy::dropReplies),
				fault("network blocked", networks, length, TcpProxy::blackhole),
				fault("connections reset", networks, length.dividedBy(4), TcpProxy::reset),
				fault("connections refused", networks, length, TcpProxy::refuse));
	}

	/**
	 * The store is far away, for some of the workers 50 ms there and back, for the others
	 * 500.
	 * @param networks the proxies of each network
	 * @param length how long it lasts at least
	 * @return the fault
	 */
	public static Fault distance(List<List<TcpProxy>> networks, Duration length) {
		return new Fault("store far away", length, (target) -> networks.forEach((network) -> {
			Duration way = ((target + networks.indexOf(network)) % 2 == 0) ? NEAR : FAR;
			network.forEach((proxy) -> proxy.delay(way, way));
		}), () -> networks.forEach((network) -> network.forEach(TcpProxy::pass)));
	}

	/**
	 * One worker is cut off from the store, and nobody tells it.
	 * @param networks the proxies of each network
	 * @param length how long it lasts at least
	 * @return the fault
	 */
	public static Fault partition(List<List<TcpProxy>> networks, Duration length) {
		return new Fault("worker cut off", length,
				(target) -> networks.get(target % networks.size()).forEach(TcpProxy::blackhole),
				() -> networks.forEach((network) -> network.forEach(TcpProxy::pass)));
	}

	private static Fault fault(String name, List<List<TcpProxy>> networks, Duration length, Consumer<TcpProxy> begin) {
		return new Fault(name, length, (target) -> {
			int one = target % networks.size();
			boolean all = target / networks.size() % 4 == 0;
			(all ? networks : networks.subList(one, one + 1)).forEach((network) -> network.forEach(begin));
		}, () -> networks.forEach((network) -> network.forEach(TcpProxy::pass)));
	}

}
