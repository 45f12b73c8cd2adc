package io.concord.loadbalancer;

/**
 * A balancer can't be set up as it is described.
 */
public class InvalidBalancerException extends IllegalArgumentException {

	private final String setting;

	private final transient Object value;

	private final String problem;

	private final String fix;

	/**
	 * Creates an exception.
	 * @param setting which setting is wrong, in the spelling of properties
	 * @param value its value
	 * @param problem why that can't be, as the rest of a sentence without its full stop
	 * @param fix what to do about it, as sentences
	 */
	public InvalidBalancerException(String setting, Object value, String problem, String fix) {
		super("The setting " + setting + " is " + value + ", " + problem + ". " + fix);
		this.setting = setting;
		this.value = value;
		this.problem = problem;
		this.fix = fix;
	}

	/**
	 * Returns which setting is wrong.
	 * @return such as {@code ejection.max-share}
	 */
	public String getSetting() {
		return this.setting;
	}

	/**
	 * Returns its value.
	 * @return the value
	 */
	public Object getValue() {
		return this.value;
	}

	/**
	 * Returns why that can't be.
	 * @return the rest of a sentence
	 */
	public String getProblem() {
		return this.problem;
	}

	/**
	 * Returns what to do about it.
	 * @return one or more sentences
	 */
	public String getFix() {
		return this.fix;
	}

}
