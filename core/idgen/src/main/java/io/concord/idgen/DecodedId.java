package io.concord.idgen;

import java.time.Instant;

/**
 * The parts of an id.
 *
 * @param id the id
 * @param time when it was issued, to the unit of the layout. After a step back of the
 * clock it can be ahead of it by the lead that was configured
 * @param worker the whole worker id: datacenter and machine
 * @param datacenter upper bits of the worker id
 * @param machine lower bits of the worker id
 * @param sequence number within the unit of time; does not begin at zero
 */
public record DecodedId(long id, Instant time, int worker, int datacenter, int machine, int sequence) {

}
