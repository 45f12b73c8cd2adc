package io.concord.sample.shop;

import java.time.Duration;
import java.util.List;

import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * @param thinkingTime time an order takes between looking at the stock and changing it
 * @param products products to sell; what the database already knows keeps its stock
 */
@ConfigurationProperties("shop")
record ShopProperties(Duration thinkingTime, List<Product> products) {

}
