/**
 * What limits of HTTP requests go by, whatever the web framework.
 */
@NullMarked
package io.concord.ratelimit.http;

import org.jspecify.annotations.NullMarked;
