--liquibase formatted sql

--changeset concord:1
CREATE TABLE orders (id BIGINT PRIMARY KEY);
