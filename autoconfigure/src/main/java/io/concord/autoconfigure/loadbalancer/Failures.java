package io.concord.autoconfigure.loadbalancer;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.util.Locale;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;

/**
 * What exceptions of HTTP clients say about the instance.
 */
final class Failures {

	/** Causes deeper than this are not looked at: there may be a circle. */
	private static final int DEEPEST = 16;

	private Failures() {
	}

	/** Whether the instance could not be reached, so that it can't have got the call. */
	static boolean isConnecting(Throwable failure) {
		return any(failure, Failures::saysConnecting);
	}

	private static boolean saysConnecting(Throwable failure) {
		if (failure instanceof ConnectException || failure instanceof UnknownHostException
				|| failure instanceof NoRouteToHostException) {
			return true;
		}
		// Each client has its own: of the JDK, Apache's, Jetty's, Netty's.
		String type = failure.getClass().getSimpleName();
		return type.endsWith("ConnectTimeoutException") || type.equals("HttpHostConnectException")
				|| (failure instanceof SocketTimeoutException && failure.getMessage() != null
						&& failure.getMessage().toLowerCase(Locale.ROOT).startsWith("connect timed out"));
	}

	/** Whether the instance has failed, and not the caller. */
	static boolean isOfInstance(Throwable failure) {
		return !isInterrupted(failure) && any(failure,
				(one) -> one instanceof IOException || one instanceof TimeoutException
						|| one.getClass().getSimpleName().endsWith("TimeoutException")
						|| one.getClass().getSimpleName().equals("WebClientRequestException"));
	}

	/** Clients tell of an interrupted thread in various ways; all leave its mark. */
	private static boolean isInterrupted(Throwable failure) {
		return Thread.currentThread().isInterrupted()
				|| any(failure, (one) -> one instanceof InterruptedException || (one instanceof InterruptedIOException
						&& !one.getClass().getSimpleName().endsWith("TimeoutException")));
	}

	private static boolean any(Throwable failure, Predicate<Throwable> matches) {
		Throwable cause = failure;
		for (int depth = 0; cause != null && depth < DEEPEST; depth++) {
			if (matches.test(cause)) {
				return true;
			}
			cause = cause.getCause();
		}
		return false;
	}

}
