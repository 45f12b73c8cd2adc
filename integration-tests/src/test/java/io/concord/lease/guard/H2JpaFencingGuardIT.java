package io.concord.lease.guard;

class H2JpaFencingGuardIT extends AbstractJpaFencingGuardIT {

	H2JpaFencingGuardIT() {
		super("jdbc:h2:mem:guarded-entities;DB_CLOSE_DELAY=-1", "sa", "");
	}

}
