package io.concord.lease.zookeeper;

import java.util.List;

import org.apache.zookeeper.common.PathUtils;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class NodesTests {

	@Test
	void livesBelowTheNamespaceOfTheClient() {
		assertThat(Nodes.base("", "shop", "lease")).isEqualTo("/concord/shop/lease");
		assertThat(Nodes.base("team/a", "shop", "lease")).isEqualTo("/team/a/concord/shop/lease");
	}

	@Test
	void givesEveryNameAPathOfItsOwn() {
		List<String> names = List.of("plain", "a/b", "a%sb", "a%b", "/", "//", ".", "..", "...", "%", "%d", "%d%d",
				"a b", "zookeeper", "\u0000", "a~b", "lock:stock:mug");
		List<String> paths = names.stream().map((name) -> Nodes.line("/concord/shop/lease", name)).toList();
		assertThat(paths).doesNotHaveDuplicates().allSatisfy((path) -> {
			PathUtils.validatePath(path);
			assertThat(path.substring("/concord/shop/lease/".length())).doesNotContain("/");
		});
		assertThat(paths).contains("/concord/shop/lease/plain", "/concord/shop/lease/lock:stock:mug",
				"/concord/shop/lease/a%sb");
	}

}
