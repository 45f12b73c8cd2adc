/**
 * Distributed ids. Applications use {@link io.concord.idgen.LongIdGenerator} and
 * {@link io.concord.idgen.Snowflake}; {@link io.concord.idgen.WorkerIdStore},
 * {@link io.concord.idgen.SegmentStore} and {@link io.concord.idgen.SequenceStore} are
 * for those who add a store.
 */
@NullMarked
package io.concord.idgen;

import org.jspecify.annotations.NullMarked;
