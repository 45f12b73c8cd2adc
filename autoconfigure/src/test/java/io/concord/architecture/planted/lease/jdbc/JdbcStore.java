package io.concord.architecture.planted.lease.jdbc;

public class JdbcStore {

}
