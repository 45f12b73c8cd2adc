--liquibase formatted sql

--changeset concord:1
--preconditions onFail:HALT
--precondition-sql-check expectedResult:0 SELECT COUNT(*) FROM information_schema.tables WHERE LOWER(table_name) = 'concord_lease'
CREATE TABLE orders (id BIGINT PRIMARY KEY);
