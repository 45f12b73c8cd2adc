package io.concord.idgen;

/**
 * A generator has taken a worker id, at its start or after it had lost another one.
 *
 * @param generator name of the generator
 * @param workerId the worker id
 */
public record WorkerIdTakenEvent(String generator, int workerId) {

}
