package io.concord.sample.shop;

import java.time.Instant;

import io.concord.idgen.Snowflake;

/**
 * Order that was accepted. One that is not paid in time is given up, and its units are
 * sold to others.
 *
 * @param id written to JSON as a string: it has more digits than numbers of JavaScript
 * @param sku the product
 * @param quantity units of it
 * @param customer who wants them
 * @param placedAt when it was accepted
 * @param paid whether it is paid
 */
record Order(@Snowflake("orders") long id, String sku, int quantity, String customer, Instant placedAt, boolean paid) {

}
