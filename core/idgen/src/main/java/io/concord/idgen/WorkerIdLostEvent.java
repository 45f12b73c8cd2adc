package io.concord.idgen;

import org.jspecify.annotations.Nullable;

/**
 * A generator has lost its worker id for good, as after a pause longer than its lead. It
 * has stopped to issue ids with it, and takes another one. No id was issued twice.
 *
 * @param generator name of the generator
 * @param workerId the worker id
 * @param holder which process has it now, if that is known
 */
public record WorkerIdLostEvent(String generator, int workerId, @Nullable String holder) {

}
