package io.concord.autoconfigure.idgen;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Function;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;

import io.concord.autoconfigure.Backend;
import io.concord.autoconfigure.lease.StoreClients;
import io.concord.idgen.SegmentStore;
import io.concord.idgen.SequenceStore;
import io.concord.idgen.WorkerIdStore;
import io.concord.idgen.local.LocalSegmentStore;
import io.concord.idgen.local.LocalSequenceStore;
import io.concord.idgen.local.LocalWorkerIdStore;

/**
 * The stores of ids that are open, one of a kind for each backend. A bean of a store's
 * type comes before all backends. Used under the lock of {@link DefaultLongIdGenerators}.
 */
final class IdStores {

	private static final Logger logger = LoggerFactory.getLogger(IdStores.class);

	private static final String FEATURE = "idgen";

	private static final Map<Backend, String> FACTORIES = Map.of(Backend.REDIS, "concordRedisIdStoreFactory",
			Backend.JDBC, "concordJdbcIdStoreFactory", Backend.ZOOKEEPER, "concordZooKeeperIdStoreFactory");

	private final ConfigurableListableBeanFactory beanFactory;

	private final StoreClients clients;

	private final @Nullable Backend backend;

	private final String user;

	/** Outlive a restart of the context, as there is nothing else that remembers. */
	private final Local local = new Local(new LocalWorkerIdStore(), new LocalSegmentStore(), new LocalSequenceStore());

	private final Map<Key, AutoCloseable> open = new HashMap<>();

	IdStores(ConfigurableListableBeanFactory beanFactory, StoreClients clients, @Nullable Backend backend,
			String user) {
		this.beanFactory = beanFactory;
		this.clients = clients;
		this.backend = backend;
		this.user = user;
	}

	WorkerIdStore workers(@Nullable Backend own) {
		return store(WorkerIdStore.class, own, Local::workers,
				(factory, at) -> factory.workers(at.client(), at.namespace()));
	}

	SegmentStore segments(@Nullable Backend own) {
		return store(SegmentStore.class, own, Local::segments,
				(factory, at) -> factory.segments(at.client(), at.namespace()));
	}

	SequenceStore sequences(@Nullable Backend own) {
		return store(SequenceStore.class, own, Local::sequences,
				(factory, at) -> factory.sequences(at.client(), at.namespace()));
	}

	private <S extends AutoCloseable> S store(Class<S> type, @Nullable Backend own, Function<Local, S> local,
			BiFunction<IdStoreFactory, Place, S> opening) {
		S bean = this.beanFactory.getBeanProvider(type).getIfAvailable();
		if (bean != null) {
			return bean;
		}
		StoreClients.StoreClient choice = this.clients.choose(FEATURE, (own != null) ? own : this.backend, this.user);
		Object client = choice.client();
		if (client == null) {
			return local.apply(this.local);
		}
		Key key = new Key(type, choice.backend());
		AutoCloseable present = this.open.get(key);
		if (present == null) {
			String factory = FACTORIES.get(choice.backend());
			if (factory == null || !this.beanFactory.containsBean(factory)) {
				throw choice.withoutLibraries();
			}
			present = opening.apply(this.beanFactory.getBean(factory, IdStoreFactory.class),
					new Place(client, choice.namespace()));
			this.open.put(key, present);
			logger.info("Ids: {}", choice.description());
		}
		return type.cast(present);
	}

	void close() {
		List<AutoCloseable> closing = new ArrayList<>(this.open.values());
		this.open.clear();
		closing.forEach((store) -> close(store, "a store of ids"));
	}

	/** Closes what can be closed, and goes on whatever comes of it. */
	static void close(@Nullable Object opened, Object what) {
		if (opened instanceof AutoCloseable closeable) {
			try {
				closeable.close();
			}
			catch (Exception ex) {
				logger.warn("Could not close {}", what, ex);
			}
		}
	}

	/**
	 * Where a store is to be.
	 *
	 * @param client the client bean
	 * @param namespace the namespace
	 */
	private record Place(Object client, String namespace) {
	}

	/**
	 * What is open.
	 *
	 * @param type kind of the store
	 * @param backend the backend
	 */
	private record Key(Class<?> type, Backend backend) {
	}

	/**
	 * The stores in memory.
	 *
	 * @param workers worker ids
	 * @param segments segments
	 * @param sequences sequences
	 */
	private record Local(WorkerIdStore workers, SegmentStore segments, SequenceStore sequences) {
	}

}
