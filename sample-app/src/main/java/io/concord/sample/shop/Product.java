package io.concord.sample.shop;

/**
 * @param sku short name that orders use
 * @param name name to show
 * @param stock units that are left
 */
record Product(String sku, String name, int stock) {

}
