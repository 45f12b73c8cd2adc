/**
 * Real servers for tests, from wherever one can be had, shared between test classes.
 */
@NullMarked
package io.concord.test.server;

import org.jspecify.annotations.NullMarked;
