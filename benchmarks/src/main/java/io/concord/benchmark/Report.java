package io.concord.benchmark;

import java.util.List;

/**
 * What a group has found.
 *
 * @param tables the figures
 * @param gates the goals
 */
record Report(List<Table> tables, List<Gate> gates) {

	Report {
		tables = List.copyOf(tables);
		gates = List.copyOf(gates);
	}

	String markdown() {
		StringBuilder text = new StringBuilder();
		this.tables.forEach((table) -> text.append(table.markdown()).append('\n'));
		this.gates.forEach((gate) -> text.append("- ").append(gate).append('\n'));
		return text.toString();
	}

}
