package io.concord.idgen;

import java.time.Instant;

/**
 * Who holds a worker id, for people.
 *
 * @param workerId the worker id
 * @param holder which process it is, as it has called itself
 * @param highWater until when it may issue ids without another extension, by the store's
 * clock
 */
public record WorkerIdHolder(int workerId, String holder, Instant highWater) {

}
