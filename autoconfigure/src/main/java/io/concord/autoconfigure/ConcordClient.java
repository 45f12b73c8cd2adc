package io.concord.autoconfigure;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import org.springframework.beans.factory.annotation.Qualifier;

/**
 * Marks the one {@code DataSource}, {@code RedisConnectionFactory} or
 * {@code CuratorFramework} bean among several that Concord is to use. At most one of each
 * kind. The properties {@code concord.jdbc.data-source},
 * {@code concord.redis.connection-factory} and
 * {@code concord.zookeeper.curator-framework} come first.
 */
@Target({ ElementType.FIELD, ElementType.METHOD, ElementType.PARAMETER, ElementType.TYPE, ElementType.ANNOTATION_TYPE })
@Retention(RetentionPolicy.RUNTIME)
@Documented
@Qualifier
public @interface ConcordClient {

}
