package io.concord.autoconfigure.loadbalancer;

import java.util.List;

import org.jspecify.annotations.Nullable;

import org.springframework.cloud.client.loadbalancer.RequestData;
import org.springframework.http.HttpHeaders;
import org.springframework.http.ResponseCookie;
import org.springframework.util.MultiValueMap;

/**
 * Reads cookies of requests. The framework's own reading of headers knows only one cookie
 * a header.
 */
final class Cookies {

	private Cookies() {
	}

	/** The first value of a cookie; null if there is none, or only a malformed one. */
	static @Nullable String find(RequestData request, String name) {
		HttpHeaders headers = request.getHeaders();
		List<String> lines = (headers != null) ? headers.get(HttpHeaders.COOKIE) : null;
		String value = (lines != null) ? find(lines, name) : null;
		if (value != null) {
			return value;
		}
		MultiValueMap<String, String> cookies = request.getCookies();
		return (cookies != null) ? cookies.getFirst(name) : null;
	}

	static @Nullable String find(List<String> lines, String name) {
		for (String line : lines) {
			for (String pair : line.split(";")) {
				int equals = pair.indexOf('=');
				if (equals > 0 && pair.substring(0, equals).trim().equals(name)) {
					String value = pair.substring(equals + 1).trim();
					boolean quoted = value.length() > 1 && value.startsWith("\"") && value.endsWith("\"");
					return quoted ? value.substring(1, value.length() - 1) : value;
				}
			}
		}
		return null;
	}

	/** The cookie that sends the next call to the same instance. */
	static ResponseCookie of(String name, String value) {
		return ResponseCookie.from(name, value).path("/").httpOnly(true).sameSite("Lax").build();
	}

}
