package io.concord.testing;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Keeps everything that Concord stores in memory, for tests with an application context:
 * whatever backends the application names, nothing of them is opened for Concord, and no
 * other process takes part.
 *
 * <pre class="code">
 * &#064;SpringBootTest
 * &#064;LocalConcord
 * class OrderServiceTests { … }
 * </pre>
 *
 * <p>
 * Each application context has a store of its own. After each test method, locks that it
 * left behind are given back, with a warning that names them, so that a cached context
 * carries nothing over to the next test.
 *
 * <p>
 * Inherited, found on enclosing classes of nested tests, and usable as a meta-annotation.
 * An application that defines a {@code LeaseStores} bean of its own keeps it.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Documented
@Inherited
public @interface LocalConcord {

}
