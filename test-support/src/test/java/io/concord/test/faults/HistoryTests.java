package io.concord.test.faults;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import io.concord.test.faults.Operation.Outcome;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class HistoryTests {

	@Test
	void writesOneLineOfJsonAnOperation() {
		Operation operation = new Operation(203, "acquire", "a \"b\" \\ c", 10, 20, Outcome.OK, 7, 42);
		assertThat(operation.toJson()).isEqualTo("{\"process\":203,\"op\":\"acquire\",\"key\":\"a \\\"b\\\" \\\\ c\","
				+ "\"invokeNs\":10,\"returnNs\":20,\"outcome\":\"ok\",\"token\":7,\"seed\":42}");
		assertThat(Operation.parse(operation.toJson())).isEqualTo(operation);
		assertThatIllegalArgumentException().isThrownBy(() -> Operation.parse("{}"));
	}

	@Test
	void keepsWhatHasNoEnd(@TempDir Path directory) throws Exception {
		try (HistoryWriter writer = new HistoryWriter(directory.resolve("worker-2.jsonl"), 2, 42)) {
			writer.begin(3, "acquire", "a", 0).end(Outcome.OK, 7);
			writer.begin(4, "acquire", "b", 0);
			writer.begin(4, "commit", "b", 9).end(Outcome.FAIL);
		}
		Files.writeString(directory.resolve("worker-2.jsonl"), "{\"process\":203,\"op\":\"acq",
				StandardOpenOption.APPEND);
		List<Operation> operations = History.read(directory).operations();
		assertThat(operations).extracting(Operation::op).containsExactly("acquire", "acquire", "commit");
		assertThat(operations).extracting(Operation::outcome).containsExactly(Outcome.OK, Outcome.INFO, Outcome.FAIL);
		assertThat(operations).extracting(Operation::token).containsExactly(7L, 0L, 9L);
		assertThat(operations.get(1).returnNs()).isEqualTo(Operation.NEVER);
		assertThat(operations).allMatch((operation) -> operation.worker() == 2 && operation.seed() == 42);
		assertThat(operations.get(0).returnNs()).isGreaterThanOrEqualTo(operations.get(0).invokeNs());
	}

}
