package io.concord.autoconfigure.loadbalancer;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

import org.jspecify.annotations.Nullable;

import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.client.ClientHttpResponse;

import io.concord.loadbalancer.Call;

/**
 * An answer whose call is in flight until the end of its body, or until it is closed.
 */
final class CountedResponse implements ClientHttpResponse {

	private final ClientHttpResponse response;

	private final Call call;

	private final HttpHeaders headers;

	private @Nullable InputStream body;

	CountedResponse(ClientHttpResponse response, Call call, @Nullable String cookie) {
		this.response = response;
		this.call = call;
		this.headers = (cookie != null) ? withCookie(response.getHeaders(), cookie) : response.getHeaders();
	}

	private static HttpHeaders withCookie(HttpHeaders headers, String cookie) {
		HttpHeaders copy = new HttpHeaders();
		copy.putAll(headers);
		copy.add(HttpHeaders.SET_COOKIE, cookie);
		return copy;
	}

	@Override
	public HttpStatusCode getStatusCode() throws IOException {
		return this.response.getStatusCode();
	}

	@Override
	public String getStatusText() throws IOException {
		return this.response.getStatusText();
	}

	@Override
	public HttpHeaders getHeaders() {
		return this.headers;
	}

	@Override
	public InputStream getBody() throws IOException {
		if (this.body == null) {
			try {
				this.body = new CountedBody(this.response.getBody(), this.call);
			}
			catch (IOException ex) {
				this.call.failed(false);
				throw ex;
			}
		}
		return this.body;
	}

	@Override
	public void close() {
		try {
			this.response.close();
		}
		finally {
			this.call.close();
		}
	}

	/** Tells the call how the body ends. */
	private static final class CountedBody extends FilterInputStream {

		private final Call call;

		CountedBody(InputStream in, Call call) {
			super(in);
			this.call = call;
		}

		@Override
		public int read() throws IOException {
			try {
				return ended(super.read());
			}
			catch (IOException ex) {
				throw failed(ex);
			}
		}

		@Override
		public int read(byte[] bytes, int offset, int length) throws IOException {
			try {
				return ended(super.read(bytes, offset, length));
			}
			catch (IOException ex) {
				throw failed(ex);
			}
		}

		@Override
		public void close() throws IOException {
			try {
				super.close();
			}
			finally {
				this.call.close();
			}
		}

		private int ended(int read) {
			if (read < 0) {
				this.call.close();
			}
			return read;
		}

		private IOException failed(IOException failure) {
			if (Failures.isOfInstance(failure)) {
				this.call.failed(false);
			}
			else {
				this.call.close();
			}
			return failure;
		}

	}

}
