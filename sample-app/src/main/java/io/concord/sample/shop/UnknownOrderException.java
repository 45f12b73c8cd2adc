package io.concord.sample.shop;

/**
 * There is no order of this number, or there is none any more.
 */
class UnknownOrderException extends RuntimeException {

	UnknownOrderException(long id) {
		super("There is no order " + id);
	}

}
