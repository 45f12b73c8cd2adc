package io.concord.testing;

import java.util.List;

import org.jspecify.annotations.Nullable;

import org.springframework.beans.factory.support.BeanDefinitionRegistry;
import org.springframework.beans.factory.support.RootBeanDefinition;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.test.context.ContextConfigurationAttributes;
import org.springframework.test.context.ContextCustomizer;
import org.springframework.test.context.ContextCustomizerFactory;
import org.springframework.test.context.MergedContextConfiguration;
import org.springframework.test.context.TestContextAnnotationUtils;
import org.springframework.util.ClassUtils;

import io.concord.idgen.local.LocalSegmentStore;
import io.concord.idgen.local.LocalSequenceStore;
import io.concord.idgen.local.LocalWorkerIdStore;
import io.concord.lease.local.LocalLeaseStore;

/**
 * Gives the contexts of annotated test classes a store in memory, which as a primary bean
 * takes precedence over all backends and over stores that the application defines.
 */
final class LocalConcordContextCustomizerFactory implements ContextCustomizerFactory {

	private static final String BEAN_NAME = "localConcordLeaseStore";

	private static final boolean IDS = ClassUtils.isPresent("io.concord.idgen.LongIdGenerators",
			LocalConcordContextCustomizerFactory.class.getClassLoader());

	@Override
	public @Nullable ContextCustomizer createContextCustomizer(Class<?> testClass,
			List<ContextConfigurationAttributes> configAttributes) {
		return TestContextAnnotationUtils.hasAnnotation(testClass, LocalConcord.class) ? new LocalStore() : null;
	}

	/** All are equal, so that test classes share a cached context. */
	private record LocalStore() implements ContextCustomizer {

		@Override
		public void customizeContext(ConfigurableApplicationContext context, MergedContextConfiguration mergedConfig) {
			if (context.getBeanFactory() instanceof BeanDefinitionRegistry registry) {
				RootBeanDefinition definition = new RootBeanDefinition(LocalLeaseStore.class);
				definition.setPrimary(true);
				registry.registerBeanDefinition(BEAN_NAME, definition);
				if (IDS) {
					Ids.register(registry);
				}
			}
		}

	}

	/** Apart, as the library of ids may not be there. */
	private static final class Ids {

		static void register(BeanDefinitionRegistry registry) {
			for (Class<?> store : List.of(LocalWorkerIdStore.class, LocalSegmentStore.class,
					LocalSequenceStore.class)) {
				RootBeanDefinition definition = new RootBeanDefinition(store);
				definition.setPrimary(true);
				registry.registerBeanDefinition("concord" + store.getSimpleName(), definition);
			}
		}

	}

}
