package io.concord.test.jdbc;

import java.util.List;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class DatabaseAddressTests {

	@Test
	void readsUserAndPasswordAndKeepsTheRest() {
		DatabaseAddress address = DatabaseAddress.parse("jdbc:mysql",
				"jdbc:mysql://db:3306/test?user=me&useSSL=true&password=a%26b&x=1");
		assertThat(address).isEqualTo(new DatabaseAddress("db", 3306, "me", "a&b", "useSSL=true&x=1"));
		assertThat(address.url("jdbc:mysql", "mine")).isEqualTo("jdbc:mysql://db:3306/mine?useSSL=true&x=1");
	}

	@Test
	void urlHasNoQuestionMarkWithoutParameters() {
		assertThat(new DatabaseAddress("db", 1, "me", "", "").url("jdbc:postgresql", "mine"))
			.isEqualTo("jdbc:postgresql://db:1/mine");
	}

	@Test
	void refusesUrlsThatTestsCannotUse() {
		for (String url : List.of("jdbc:h2:mem:x", "jdbc:mysql://db/test?user=me&password=x", "jdbc:mysql://db:3306/",
				"jdbc:mysql://db:3306/?user=me", "postgresql://db:3306/?user=me&password=x")) {
			assertThatIllegalArgumentException().isThrownBy(() -> DatabaseAddress.parse("jdbc:mysql", url))
				.withMessageContaining("jdbc:mysql://host:port/?user=name&password=word");
		}
	}

}
