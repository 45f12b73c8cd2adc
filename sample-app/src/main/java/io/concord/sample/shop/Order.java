package io.concord.sample.shop;

import java.time.Instant;

/**
 * Order that was accepted.
 */
record Order(long id, String sku, int quantity, String customer, Instant placedAt) {

}
