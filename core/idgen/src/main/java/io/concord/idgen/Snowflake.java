package io.concord.idgen;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import org.springframework.beans.factory.annotation.Qualifier;

/**
 * Marks where ids of a generator are wanted, of whatever kind it is.
 *
 * <ul>
 * <li>On the id of an entity, of type {@code long}, {@link Long} or {@link String}: an
 * entity that is saved without one gets a new one.</li>
 * <li>On a field of a bean, or a parameter of its constructor or of a {@code @Bean}
 * method, of type {@link LongIdGenerator} or {@link java.util.function.LongSupplier}: the
 * generator is injected. A field needs no {@code @Autowired} beside it.</li>
 * </ul>
 *
 * <pre class="code">
 * &#064;Id
 * &#064;Snowflake("orders")
 * private Long id;
 * </pre>
 *
 * <p>
 * Not meta-annotated with {@code @Autowired}: Spring Data takes properties that are for
 * transient and would not store them. Concord's auto-configuration injects the fields.
 */
@Target({ ElementType.FIELD, ElementType.METHOD, ElementType.PARAMETER, ElementType.ANNOTATION_TYPE })
@Retention(RetentionPolicy.RUNTIME)
@Documented
@Qualifier
public @interface Snowflake {

	/**
	 * Name of the generator.
	 * @return the name
	 */
	String value() default LongIdGenerators.DEFAULT_NAME;

}
