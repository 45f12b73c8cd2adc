package io.concord.sample.shop;

import java.time.Instant;

/**
 * Order that was accepted. One that is not paid in time is given up, and its units are
 * sold to others.
 */
record Order(long id, String sku, int quantity, String customer, Instant placedAt, boolean paid) {

}
