/**
 * Ids of {@link io.concord.idgen.Snowflake} for entities:
 * {@link io.concord.idgen.entity.SnowflakeIntegrator} for Hibernate,
 * {@link io.concord.idgen.entity.AggregateIds} for modules of Spring Data,
 * {@link io.concord.idgen.entity.EntityIds} for other mappers.
 */
@NullMarked
package io.concord.idgen.entity;

import org.jspecify.annotations.NullMarked;
