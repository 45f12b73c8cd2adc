package io.concord.autoconfigure.idgen;

import java.lang.reflect.Method;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import org.aopalliance.intercept.MethodInterceptor;
import org.aopalliance.intercept.MethodInvocation;
import org.jspecify.annotations.Nullable;

import org.springframework.aop.framework.AbstractAdvisingBeanPostProcessor;
import org.springframework.aop.support.DefaultPointcutAdvisor;
import org.springframework.aop.support.NameMatchMethodPointcut;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.data.mapping.PersistentEntity;
import org.springframework.data.redis.core.PartialUpdate;
import org.springframework.data.redis.core.RedisKeyValueTemplate;
import org.springframework.data.redis.core.mapping.RedisMappingContext;
import org.springframework.util.Assert;
import org.springframework.util.ObjectUtils;

import io.concord.idgen.LongIdGenerators;
import io.concord.idgen.entity.AggregateIds;

/**
 * Gives ids to entities of Spring Data Redis, which has no callback for it, and whose
 * events come when the id is chosen: advises the template that repositories save by.
 */
@SuppressWarnings("serial")
final class RedisTemplateIdsPostProcessor extends AbstractAdvisingBeanPostProcessor {

	private final ObjectProvider<LongIdGenerators> generators;

	private final Map<RedisMappingContext, AggregateIds> ids = new ConcurrentHashMap<>();

	RedisTemplateIdsPostProcessor(ObjectProvider<LongIdGenerators> generators) {
		this.generators = generators;
		NameMatchMethodPointcut pointcut = new NameMatchMethodPointcut();
		pointcut.setMappedNames("insert", "update");
		this.advisor = new DefaultPointcutAdvisor(pointcut, (MethodInterceptor) this::save);
		setProxyTargetClass(true);
	}

	@Override
	protected boolean isEligible(Class<?> targetClass) {
		return RedisKeyValueTemplate.class.isAssignableFrom(targetClass);
	}

	private @Nullable Object save(MethodInvocation invocation) throws Throwable {
		RedisKeyValueTemplate template = (RedisKeyValueTemplate) invocation.getThis();
		Assert.state(template != null, "No template");
		@Nullable Object[] arguments = invocation.getArguments();
		Object entity = arguments[arguments.length - 1];
		if (entity != null && !(entity instanceof PartialUpdate)) {
			RedisMappingContext context = template.getMappingContext();
			if (isComplete(invocation.getMethod(), arguments, entity, context)) {
				arguments[arguments.length - 1] = this.ids
					.computeIfAbsent(context, (key) -> new AggregateIds(key, this.generators.getObject()))
					.assign(entity);
			}
		}
		return invocation.proceed();
	}

	/**
	 * Whether a missing id would not be made up where the caller has named another, or
	 * has to name one.
	 */
	private static boolean isComplete(Method method, @Nullable Object[] arguments, Object entity,
			RedisMappingContext context) {
		if (arguments.length == 1 && method.getName().equals("insert")) {
			return true;
		}
		PersistentEntity<?, ?> persistentEntity = context.getPersistentEntity(entity.getClass());
		Object id = (persistentEntity != null) ? persistentEntity.getIdentifierAccessor(entity).getIdentifier() : null;
		return id != null && (arguments.length == 1 || ObjectUtils.nullSafeEquals(id, arguments[0]));
	}

}
