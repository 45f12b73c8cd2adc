package io.concord.faults;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.concord.test.faults.Finding;
import io.concord.test.faults.History;
import io.concord.test.faults.Operation;
import io.concord.test.faults.UniqueIds;

/**
 * What ids have to obey: none comes twice, and there are ids when all is well again.
 */
final class IdRules extends Rules {

	/**
	 * Looks at all ids of a run.
	 * @param history what happened
	 * @param lead how far ahead of the store's clock marks are
	 * @param directory where workers have written ids
	 * @param kinds those that were given
	 * @param lossy kinds that may come twice on this store, which is only counted
	 */
	IdRules(History history, Duration lead, Path directory, List<String> kinds, Set<String> lossy) {
		super(history, lead, Excuses.NONE);
		count("faults", Integer.toString(history.of(History.FAULT).size()));
		for (String kind : kinds) {
			UniqueIds ids = read(directory, kind);
			count(kind + " ids", String.format(Locale.ROOT, "%,d", ids.count()));
			count(kind + " ids that came twice", ids.repeats() + (lossy.contains(kind) ? ", as they may" : ""));
			if (ids.count() == 0 || (ids.repeats() > 0 && !lossy.contains(kind))) {
				found(List.of(new Finding(kind + ": " + ids, List.of())));
			}
		}
		List<Operation> none = history.of(IdWorkload.NONE);
		count("calls without an id, " + String.join(", ", kinds), kinds.stream()
			.map((kind) -> Long.toString(none.stream().filter((operation) -> operation.key().equals(kind)).count()))
			.collect(Collectors.joining(", ")));
		probed(IdWorkload.PROBE, "generators without ids at the end", "no id when all is well again");
	}

	private static UniqueIds read(Path directory, String kind) {
		UniqueIds ids = new UniqueIds();
		try (Stream<Path> files = Files.list(directory)) {
			for (Path file : files.filter((one) -> isOf(kind, one)).sorted().toList()) {
				read(file, ids);
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
		return ids;
	}

	private static boolean isOf(String kind, Path file) {
		String name = file.getFileName().toString();
		return name.startsWith(kind + "-") && name.endsWith(IdWorkload.SUFFIX);
	}

	/** The last entry of a worker that was killed may be torn. */
	private static void read(Path file, UniqueIds ids) throws IOException {
		try (DataInputStream in = new DataInputStream(new BufferedInputStream(Files.newInputStream(file)))) {
			while (true) {
				long first = in.readLong();
				ids.addRange(first, in.readInt());
			}
		}
		catch (EOFException ex) {
			// All of it.
		}
	}

}
