package io.concord.lock;

/**
 * Says that the lock of a method with {@link DistributedLock} was lost before the method
 * had ended: somebody else may hold it now. Published once for each call that was under
 * the lock, on a thread of Concord's, or on that of the method if the loss was found out
 * when the lock was given back.
 *
 * @param name full name of the lock
 * @param fencingToken token of the lost lock
 * @param reason why it was lost, for people
 */
public record LockLostEvent(String name, long fencingToken, String reason) {
}
