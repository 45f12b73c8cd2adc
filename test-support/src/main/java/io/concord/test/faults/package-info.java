/**
 * Runs programs while processes, networks and clocks fail, writes down what they saw, and
 * checks it. Knows no feature: what workers do, and which rules their histories have to
 * obey, is the business of the tests that use it.
 *
 * <p>
 * A test starts a {@link io.concord.test.faults.FaultRun} with a command for its workers,
 * whose main method hands a {@link io.concord.test.faults.Workload} to
 * {@link io.concord.test.faults.FaultWorker}; has it go through a
 * {@link io.concord.test.faults.FaultSchedule} of {@link io.concord.test.faults.Fault}s;
 * and asks the checkers about the {@link io.concord.test.faults.History}.
 */
@NullMarked
package io.concord.test.faults;

import org.jspecify.annotations.NullMarked;
