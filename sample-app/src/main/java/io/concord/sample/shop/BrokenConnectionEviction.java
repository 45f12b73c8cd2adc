package io.concord.sample.shop;

import java.sql.SQLException;
import java.sql.SQLNonTransientConnectionException;

import com.zaxxer.hikari.SQLExceptionOverride;

/**
 * Has the pool drop connections that broke. It knows broken ones by the SQL states of
 * other databases, but H2 has its own: when the copy that served the database went away,
 * the others would go on using their dead connections for as long as they are busy.
 */
public class BrokenConnectionEviction implements SQLExceptionOverride {

	@java.lang.Override
	public Override adjudicate(SQLException ex) {
		return (ex instanceof SQLNonTransientConnectionException) ? Override.MUST_EVICT : Override.CONTINUE_EVICT;
	}

}
