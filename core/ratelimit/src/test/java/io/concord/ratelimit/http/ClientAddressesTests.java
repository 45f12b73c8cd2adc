package io.concord.ratelimit.http;

import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class ClientAddressesTests {

	private final ClientAddresses direct = new ClientAddresses(List.of());

	private final ClientAddresses behind = new ClientAddresses(List.of("10.0.0.0/8", "fd00::/8", "192.168.7.9"));

	@Test
	void forwardedHeadersCountFromDeclaredProxiesOnly() {
		assertThat(this.direct.resolve("203.0.113.7", List.of("1.2.3.4"))).isEqualTo("203.0.113.7");
		assertThat(this.behind.resolve("203.0.113.7", List.of("1.2.3.4"))).isEqualTo("203.0.113.7");
		assertThat(this.behind.resolve("10.1.1.1", List.of("1.2.3.4"))).isEqualTo("1.2.3.4");
		assertThat(this.behind.resolve("192.168.7.9", List.of("1.2.3.4"))).isEqualTo("1.2.3.4");
		assertThat(this.behind.resolve("192.168.7.8", List.of("1.2.3.4"))).isEqualTo("192.168.7.8");
	}

	@Test
	void readsFromRightToLeft() {
		assertThat(this.behind.resolve("10.1.1.1", List.of("9.9.9.9, 1.2.3.4", "10.2.2.2"))).isEqualTo("1.2.3.4");
		assertThat(this.behind.resolve("10.1.1.1", List.of("9.9.9.9, nonsense, 10.2.2.2"))).isEqualTo("10.2.2.2");
		assertThat(this.behind.resolve("10.1.1.1", List.of("1.2.3.4:5555"))).isEqualTo("1.2.3.4");
		assertThat(this.behind.resolve("10.1.1.1", List.of())).isEqualTo("10.1.1.1");
	}

	@Test
	void networkOfIpv6Counts() {
		String network = this.direct.resolve("2001:db8:1:2:3:4:5:6", List.of());
		assertThat(network).isEqualTo("2001:db8:1:2:0:0:0:0/64");
		assertThat(this.direct.resolve("2001:db8:1:2::9%eth0", List.of())).isEqualTo(network);
		assertThat(this.direct.resolve("2001:db8:1:3::9", List.of())).isNotEqualTo(network);
		assertThat(this.direct.resolve("::ffff:1.2.3.4", List.of())).isEqualTo("1.2.3.4");
		assertThat(this.behind.resolve("fd00::1", List.of("[2001:db8:1:2::1]:443"))).isEqualTo(network);
	}

	@Test
	void looksNothingUp() {
		assertThat(this.behind.resolve("10.1.1.1", List.of("localhost"))).isEqualTo("10.1.1.1");
		assertThat(this.direct.resolve("unknown", List.of())).isEqualTo("unknown");
	}

	@ParameterizedTest
	@ValueSource(strings = { "", "proxy", "10.0.0.0/33", "10.0.0.0/x", "fd00::/129", "10.0.0.0/" })
	void refusesWhatIsNoProxy(String proxy) {
		assertThatIllegalArgumentException().isThrownBy(() -> new ClientAddresses(List.of(proxy)))
			.withMessageContaining("'" + proxy + "'");
	}

}
