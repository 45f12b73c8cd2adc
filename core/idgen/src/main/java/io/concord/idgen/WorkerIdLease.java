package io.concord.idgen;

/**
 * A worker id that was granted. By owner and epoch the store knows its holder.
 *
 * @param space whose worker id
 * @param workerId the worker id
 * @param owner identity of the claim
 * @param epoch how often the worker id was granted; larger for every later holder
 */
public record WorkerIdLease(String space, int workerId, String owner, long epoch) {

}
