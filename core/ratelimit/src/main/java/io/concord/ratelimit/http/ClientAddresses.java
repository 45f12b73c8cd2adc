package io.concord.ratelimit.http;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

/**
 * Finds the address of the client of a request: that of the connection, or behind proxies
 * that are declared, what they say in {@code X-Forwarded-For}. That is read from right to
 * left as long as who has added an address is a declared proxy; what stands further left
 * can be made up by the client. A client with IPv6 has a whole network of 64 bits, so the
 * network counts. Immutable and thread-safe.
 */
public final class ClientAddresses {

	/** A literal is never looked up. */
	private static final Pattern LITERAL = Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*");

	private static final int NETWORK_BYTES = 8;

	private final List<Network> proxies;

	/**
	 * Declares proxies.
	 * @param proxies their addresses or networks, such as {@code 10.0.0.0/8} or
	 * {@code fd00::/8}
	 * @throws IllegalArgumentException if one of them is none
	 */
	public ClientAddresses(List<String> proxies) {
		this.proxies = proxies.stream().map(Network::parse).toList();
	}

	/**
	 * Finds the address of a client.
	 * @param connection address at the other end of the connection
	 * @param forwarded values of the header {@code X-Forwarded-For}
	 * @return the address, of IPv6 the first half of it; what was given for the
	 * connection, if that is no address
	 */
	public String resolve(String connection, List<String> forwarded) {
		InetAddress client = parse(connection);
		if (client == null) {
			return connection;
		}
		List<String> hops = new ArrayList<>();
		forwarded.forEach((value) -> hops.addAll(Arrays.asList(value.split(","))));
		Collections.reverse(hops);
		for (String hop : hops) {
			InetAddress before = parse(hop);
			if (before == null || !isProxy(client)) {
				break;
			}
			client = before;
		}
		return text(client);
	}

	private boolean isProxy(InetAddress address) {
		return this.proxies.stream().anyMatch((network) -> network.contains(address));
	}

	private static String text(InetAddress address) {
		if (!(address instanceof Inet6Address)) {
			return address.getHostAddress();
		}
		byte[] network = Arrays.copyOf(Arrays.copyOf(address.getAddress(), NETWORK_BYTES), 16);
		try {
			return InetAddress.getByAddress(network).getHostAddress() + "/64";
		}
		catch (UnknownHostException ex) {
			throw new IllegalStateException("16 bytes are an address", ex);
		}
	}

	private static @Nullable InetAddress parse(String text) {
		String literal = text.strip();
		if (literal.startsWith("[") && literal.contains("]")) {
			literal = literal.substring(1, literal.indexOf(']'));
		}
		else if (literal.indexOf('.') > 0 && literal.indexOf(':') == literal.lastIndexOf(':')
				&& literal.contains(":")) {
			literal = literal.substring(0, literal.indexOf(':'));
		}
		int zone = literal.indexOf('%');
		literal = (zone > 0) ? literal.substring(0, zone) : literal;
		if (!LITERAL.matcher(literal).matches()) {
			return null;
		}
		try {
			return InetAddress.getByName(literal);
		}
		catch (UnknownHostException ex) {
			return null;
		}
	}

	/**
	 * A network.
	 *
	 * @param address its address
	 * @param bits how many bits of it count
	 */
	@SuppressWarnings("ArrayRecordComponent")
	private record Network(byte[] address, int bits) {

		static Network parse(String text) {
			int slash = text.indexOf('/');
			InetAddress address = ClientAddresses.parse((slash < 0) ? text : text.substring(0, slash));
			if (address != null) {
				int longest = address.getAddress().length * 8;
				String bits = (slash < 0) ? String.valueOf(longest) : text.substring(slash + 1).strip();
				if (bits.matches("\\d{1,3}") && Integer.parseInt(bits) <= longest) {
					return new Network(address.getAddress(), Integer.parseInt(bits));
				}
			}
			throw new IllegalArgumentException("'" + text + "' is neither an address nor a network such as 10.0.0.0/8");
		}

		boolean contains(InetAddress candidate) {
			byte[] other = candidate.getAddress();
			if (other.length != this.address.length) {
				return false;
			}
			for (int bit = 0; bit < this.bits; bit++) {
				int mask = 0x80 >> (bit % 8);
				if ((other[bit / 8] & mask) != (this.address[bit / 8] & mask)) {
					return false;
				}
			}
			return true;
		}

	}

}
