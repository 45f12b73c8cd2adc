package io.concord.autoconfigure.lease;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import io.concord.lease.LeaseStore;
import io.concord.lease.StoreCapabilities;

import static org.mockito.BDDMockito.given;
import static org.mockito.Mockito.mock;

/**
 * Opens nothing and remembers what it was asked for.
 */
final class RecordingStoreFactory implements StoreFactory {

	private final List<Opened> opened = new ArrayList<>();

	@Override
	public LeaseStore create(Object client, String namespace) {
		LeaseStore store = mock();
		given(store.describe()).willReturn("recorded");
		given(store.capabilities()).willReturn(new StoreCapabilities(true, true, true, true, Duration.ZERO));
		this.opened.add(new Opened(client, namespace, store));
		return store;
	}

	List<Opened> opened() {
		return this.opened;
	}

	Opened only() {
		if (this.opened.size() != 1) {
			throw new AssertionError("Not one store: " + this.opened);
		}
		return this.opened.get(0);
	}

	record Opened(Object client, String namespace, LeaseStore store) {
	}

}
