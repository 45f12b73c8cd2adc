package io.concord.invocation;

import java.net.URI;
import java.time.ZoneId;
import java.time.temporal.TemporalAccessor;
import java.time.temporal.TemporalAmount;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Currency;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;

import org.jspecify.annotations.Nullable;

import org.springframework.expression.EvaluationException;
import org.springframework.expression.ExpressionException;
import org.springframework.expression.spel.SpelCompilerMode;
import org.springframework.expression.spel.SpelNode;
import org.springframework.expression.spel.SpelParserConfiguration;
import org.springframework.expression.spel.ast.Assign;
import org.springframework.expression.spel.ast.BeanReference;
import org.springframework.expression.spel.ast.CompoundExpression;
import org.springframework.expression.spel.ast.ConstructorReference;
import org.springframework.expression.spel.ast.FunctionReference;
import org.springframework.expression.spel.ast.Indexer;
import org.springframework.expression.spel.ast.MethodReference;
import org.springframework.expression.spel.ast.OpDec;
import org.springframework.expression.spel.ast.OpInc;
import org.springframework.expression.spel.ast.Projection;
import org.springframework.expression.spel.ast.PropertyOrFieldReference;
import org.springframework.expression.spel.ast.Selection;
import org.springframework.expression.spel.ast.TypeReference;
import org.springframework.expression.spel.ast.VariableReference;
import org.springframework.expression.spel.standard.SpelExpression;
import org.springframework.expression.spel.standard.SpelExpressionParser;
import org.springframework.expression.spel.support.DataBindingPropertyAccessor;
import org.springframework.expression.spel.support.SimpleEvaluationContext;

/**
 * A key of an annotation: a SpEL expression over the arguments of a call, parsed once. It
 * reads properties and does nothing else: no methods, constructors, types or beans, no
 * assignment. Arguments are variables by name ({@code #order}) or index ({@code #p0},
 * {@code #a0}); there is no root object. Safe for use by many threads.
 */
public final class KeyExpression {

	/** Longest expression, in characters. */
	public static final int MAX_LENGTH = 1_000;

	private static final Set<Class<?>> SIMPLE_TYPES = Set.of(CharSequence.class, Character.class, Number.class,
			Boolean.class, UUID.class, URI.class, Locale.class, Currency.class, TemporalAccessor.class,
			TemporalAmount.class, ZoneId.class);

	private final String place;

	private final String text;

	private final SpelExpression expression;

	private final Map<String, Integer> variables;

	/** Its own one: it remembers classes, which may go away with this expression. */
	private final DataBindingPropertyAccessor properties = DataBindingPropertyAccessor.forReadOnlyAccess();

	private KeyExpression(String place, String text, SpelExpression expression, Map<String, Integer> variables) {
		this.place = place;
		this.text = text;
		this.expression = expression;
		this.variables = variables;
	}

	/**
	 * Parses an expression and checks that it uses only what is there.
	 * @param place the annotation it belongs to
	 * @param text the expression
	 * @param hidden types of parameters that the expression must not use
	 * @return the expression
	 * @throws InvalidAnnotationException if it is malformed, too long, or refers to what
	 * is not a parameter
	 */
	public static KeyExpression parse(AnnotatedMethod<?> place, String text, Set<Class<?>> hidden) {
		if (text.length() > MAX_LENGTH) {
			throw place.invalid("has a key of " + text.length() + " characters",
					"Shorten the expression to at most " + MAX_LENGTH + " characters.");
		}
		SpelExpression expression;
		try {
			SpelParserConfiguration configuration = new SpelParserConfiguration(SpelCompilerMode.OFF, null, false,
					false, 0, MAX_LENGTH);
			expression = new SpelExpressionParser(configuration).parseRaw(text);
		}
		catch (ExpressionException | IllegalStateException | IllegalArgumentException ex) {
			throw place.invalid("has a malformed key '" + text + "': " + ex.getMessage(),
					"Correct the SpEL expression, such as '#order.id' or '#p0'.", ex);
		}
		Map<String, Integer> parameters = new LinkedHashMap<>();
		List<Set<String>> names = place.parameterNames();
		for (int i = 0; i < names.size(); i++) {
			if (!hidden.contains(place.parameterType(i))) {
				parameters.put("p" + i, i);
				parameters.put("a" + i, i);
			}
		}
		for (int i = 0; i < names.size(); i++) {
			if (!hidden.contains(place.parameterType(i))) {
				for (String name : names.get(i)) {
					parameters.put(name, i);
				}
			}
		}
		boolean named = names.isEmpty() || !names.get(0).isEmpty();
		Set<String> used = new TreeSet<>();
		new Check(place, text, parameters.keySet(), named, used).node(expression.getAST(), true, true);
		parameters.keySet().retainAll(used);
		return new KeyExpression(place.describe(), text, expression, Map.copyOf(parameters));
	}

	/**
	 * Returns the key for the arguments of a call.
	 * @param arguments the arguments
	 * @return the key as text, not empty
	 * @throws InvalidKeyException if it is {@code null}, empty or of a type that doesn't
	 * read the same in every process, or the expression failed
	 */
	public String evaluate(@Nullable Object[] arguments) {
		return toKey(value(arguments));
	}

	/**
	 * Returns the keys for the arguments of a call, if the expression may give several.
	 * @param arguments the arguments
	 * @return the elements of a collection or an array as keys, or the one key
	 * @throws InvalidKeyException as {@link #evaluate}, or if there are none
	 */
	public List<String> evaluateAll(@Nullable Object[] arguments) {
		Object value = value(arguments);
		if (value instanceof Object[] array) {
			value = Arrays.asList(array);
		}
		if (!(value instanceof Collection<?> several)) {
			return List.of(toKey(value));
		}
		if (several.isEmpty()) {
			throw new InvalidKeyException(describe() + " gives no keys. Pass at least one.");
		}
		List<String> keys = new ArrayList<>();
		several.forEach((element) -> keys.add(toKey(element)));
		return keys;
	}

	private @Nullable Object value(@Nullable Object[] arguments) {
		SimpleEvaluationContext context = SimpleEvaluationContext.forPropertyAccessors(this.properties)
			.withAssignmentDisabled()
			.build();
		this.variables.forEach((name, index) -> context.setVariable(name, arguments[index]));
		try {
			return this.expression.getValue(context);
		}
		catch (EvaluationException ex) {
			throw new InvalidKeyException(describe() + " could not be evaluated: " + ex.getMessage()
					+ ". Check the arguments of the call for null, and the names of the properties.", ex);
		}
	}

	private String toKey(@Nullable Object value) {
		if (value == null) {
			throw new InvalidKeyException(describe()
					+ " is null. Pass an argument that has a value, or give the expression a default with '?:'.");
		}
		String key = toText(value);
		if (key.isEmpty()) {
			throw new InvalidKeyException(describe()
					+ " is empty. Pass an argument that has a value, or give the expression a default with '?:'.");
		}
		return key;
	}

	private String toText(Object value) {
		if (value instanceof Enum<?> constant) {
			return constant.name();
		}
		for (Class<?> type : SIMPLE_TYPES) {
			if (type.isInstance(value)) {
				return value.toString();
			}
		}
		throw new InvalidKeyException(describe() + " is a " + value.getClass().getName()
				+ ", whose text may differ from process to process. Use one of its properties that is text, "
				+ "a number, an enum constant, a UUID or a java.time value.");
	}

	/**
	 * Returns the expression and its place.
	 * @return such as {@code Key '#order.id' of @DistributedLock on …}
	 */
	public String describe() {
		return "Key '" + this.text + "' of " + this.place;
	}

	/**
	 * Walks over an expression and refuses what it can't do, so that a slip shows at the
	 * start and not at the first call.
	 *
	 * @param parameters names of the variables that there are
	 * @param named whether the class file has the names of the parameters
	 * @param used takes the names of the variables that the expression uses
	 */
	private record Check(AnnotatedMethod<?> place, String text, Set<String> parameters, boolean named,
			Set<String> used) {

		/**
		 * Checks a node and those below it.
		 * @param outside whether the node stands outside of brackets and braces, within
		 * which plain names and {@code #this} refer to elements of a collection
		 * @param first whether nothing precedes the node in a chain of properties
		 */
		void node(SpelNode node, boolean outside, boolean first) {
			if (node instanceof MethodReference || node instanceof FunctionReference
					|| node instanceof ConstructorReference || node instanceof TypeReference
					|| node instanceof BeanReference || node instanceof Assign || node instanceof OpInc
					|| node instanceof OpDec) {
				throw invalid("uses '" + node.toStringAST() + "'",
						"A key may only read properties of arguments: no methods, constructors, types, beans or "
								+ "assignments. Give the argument a property that returns the value.");
			}
			if (node instanceof VariableReference) {
				variable(node.toStringAST().substring(1), outside);
			}
			else if (node instanceof PropertyOrFieldReference && outside && first) {
				throw invalid("refers to '" + node.toStringAST() + "', which is not a variable",
						"Write '#" + node.toStringAST() + "' if you mean the parameter, or quote it as '"
								+ node.toStringAST() + "' if you mean the text.");
			}
			boolean inside = node instanceof Indexer || node instanceof Selection || node instanceof Projection;
			for (int i = 0; i < node.getChildCount(); i++) {
				node(node.getChild(i), outside && !inside, i == 0 || !(node instanceof CompoundExpression));
			}
		}

		private void variable(String name, boolean outside) {
			if (name.equals("this") && !outside) {
				return;
			}
			if (!this.parameters.contains(name)) {
				throw invalid("refers to '#" + name + "', which is not a parameter it can use",
						(this.named ? "" : "The class was compiled without parameter names: compile with -parameters, "
								+ "or refer to parameters by index (#p0). ") + "Known here: " + known() + ".");
			}
			this.used.add(name);
		}

		private String known() {
			return this.parameters.isEmpty() ? "nothing, as the method has no such parameter"
					: "#" + String.join(", #", this.parameters);
		}

		private InvalidAnnotationException invalid(String problem, String action) {
			return this.place.invalid("has a key '" + this.text + "' that " + problem, action);
		}

	}

}
