package io.concord.sample.shop;

import java.time.Duration;
import java.util.List;

import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * @param thinkingTime time an order takes between looking at the stock and changing it
 * @param paymentTime time after which an order that is not paid is given up
 * @param expiryInterval time between two looks for such orders
 * @param products products to sell; what the database already knows keeps its stock
 */
@ConfigurationProperties("shop")
record ShopProperties(Duration thinkingTime, Duration paymentTime, Duration expiryInterval, List<Product> products) {

}
