package io.concord.lease;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class ResourceNamesTests {

	@Test
	void shortPlainNamesStayReadable() {
		assertThat(ResourceNames.encode("lock:stock/A-1_b.c@d+e=f,g:42")).isEqualTo("lock:stock/A-1_b.c@d+e=f,g:42");
		assertThat(ResourceNames.encode("x".repeat(ResourceNames.MAX_LENGTH))).hasSize(ResourceNames.MAX_LENGTH);
	}

	@Test
	void allOthersBecomeHashesThatNoPlainNameCanBe() {
		List<String> names = List.of("{a}", "a b", "ä", "#x", "*", "\ud800", "\udc00", "\ud801", "a\u0000",
				"x".repeat(ResourceNames.MAX_LENGTH + 1), "x".repeat(10_240));
		Set<String> keys = new HashSet<>();
		for (String name : names) {
			String key = ResourceNames.encode(name);
			assertThat(key).matches("#[A-Za-z0-9_-]{32}");
			keys.add(key);
		}
		assertThat(keys).hasSameSizeAs(names);
	}

	@Test
	void neverChanges() {
		// Part of the stored format: nodes of two versions must mean the same key.
		assertThat(ResourceNames.encode("{a}")).isEqualTo("#6B4aJcCAP_F0WEgkY2bjev51ziCIXUtu");
	}

}
