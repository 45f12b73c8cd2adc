package io.concord.ratelimit;

/**
 * A rule can't be as it is described.
 */
public class InvalidRateRuleException extends IllegalArgumentException {

	private final String rule;

	private final String attribute;

	private final String problem;

	private final String fix;

	/**
	 * Creates an exception.
	 * @param rule name of the rule
	 * @param attribute which value is wrong, in the spelling of properties
	 * @param problem what is wrong with it, as the rest of a sentence
	 * @param fix what to do about it, as sentences
	 */
	public InvalidRateRuleException(String rule, String attribute, String problem, String fix) {
		super("The " + attribute + " of rate limit '" + rule + "' " + problem + ". " + fix);
		this.rule = rule;
		this.attribute = attribute;
		this.problem = problem;
		this.fix = fix;
	}

	/**
	 * Returns the name of the rule.
	 * @return the name
	 */
	public String getRule() {
		return this.rule;
	}

	/**
	 * Returns which value is wrong.
	 * @return such as {@code warm-up}
	 */
	public String getAttribute() {
		return this.attribute;
	}

	/**
	 * Returns what is wrong with it.
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
