package io.concord.sample.shop;

import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.Positive;
import jakarta.validation.constraints.Size;

/**
 * What a customer would like to buy.
 */
record OrderRequest(@NotBlank @Size(max = 64) String sku, @Positive @Max(1000) int quantity,
		@NotBlank @Size(max = 100) String customer) {

}
