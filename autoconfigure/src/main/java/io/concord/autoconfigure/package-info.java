/**
 * Configuration of Concord in a Spring Boot application: what all features share. Each
 * feature has a package of its own below.
 */
@NullMarked
package io.concord.autoconfigure;

import org.jspecify.annotations.NullMarked;
