package io.concord.idgen;

/**
 * A generator or a layout can't be as it is described.
 */
public class InvalidGeneratorException extends IllegalArgumentException {

	private final String value;

	/**
	 * Creates an exception.
	 * @param value which value is wrong, in the spelling of properties
	 * @param message what is wrong with it
	 */
	public InvalidGeneratorException(String value, String message) {
		super(message);
		this.value = value;
	}

	/**
	 * Returns which value is wrong.
	 * @return such as {@code worker-id}
	 */
	public String getValue() {
		return this.value;
	}

}
