package io.concord.test.net;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

import org.jspecify.annotations.Nullable;

/**
 * A network between a client and a server that can be made to fail. Listens on a free
 * port of the loopback address and forwards to a target. Each change of behaviour holds
 * for the connections that are open and for later ones; the last one counts. It holds for
 * all that is sent after the method has returned, while bytes that are just being written
 * still arrive. Thread-safe; all its threads are daemons.
 */
public final class TcpProxy implements AutoCloseable {

	private static final int CHUNK = 16 * 1024;

	/** Chunks between reader and writer; a sender that is faster has to wait. */
	private static final int CHUNKS_UNDER_WAY = 1024;

	private static final int CONNECT_TIMEOUT_MILLIS = 5_000;

	private static final Behaviour NORMAL = new Behaviour(false, false, 0, 0);

	private volatile InetSocketAddress target;

	private final int port;

	/**
	 * Held while the behaviour is changed; taken before the other, which is held briefly.
	 */
	private final ReentrantLock control = new ReentrantLock();

	private final ReentrantLock lock = new ReentrantLock();

	private final Condition changed = this.lock.newCondition();

	private final Set<Connection> connections = new LinkedHashSet<>();

	private Behaviour behaviour = NORMAL;

	private @Nullable ServerSocket listener;

	private @Nullable Thread acceptor;

	private long droppedReplyBytes;

	private boolean closed;

	private TcpProxy(InetSocketAddress target, int port) {
		this.target = target;
		this.port = port;
	}

	/**
	 * Start a proxy that behaves like a good network.
	 * @param host the host of the target
	 * @param port the port of the target, which need not listen yet
	 * @return the started proxy
	 */
	public static TcpProxy to(String host, int port) {
		try {
			ServerSocket listener = FreePorts.listen();
			TcpProxy proxy = new TcpProxy(new InetSocketAddress(host, port), listener.getLocalPort());
			proxy.startAccepting(listener);
			return proxy;
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

	/**
	 * Where to connect instead of the target.
	 * @return the address of the loopback interface, as text
	 */
	public String host() {
		return InetAddress.getLoopbackAddress().getHostAddress();
	}

	/**
	 * Where to connect instead of the target. Stays the same for the life of the proxy.
	 * @return the port
	 */
	public int port() {
		return this.port;
	}

	/**
	 * Go back to normal. What a {@link #blackhole()} has held back arrives now; a
	 * connection that lost replies is reset, as the rest of its stream would be taken for
	 * the lost part.
	 */
	public void pass() {
		behave(NORMAL);
	}

	/**
	 * Let everything arrive later. Delays don't add up: two requests that are sent
	 * together arrive together.
	 * @param requests the delay from client to server, not negative
	 * @param replies the delay from server to client, not negative
	 */
	public void delay(Duration requests, Duration replies) {
		if (requests.isNegative() || replies.isNegative()) {
			throw new IllegalArgumentException("A delay is negative: " + requests + ", " + replies);
		}
		behave(new Behaviour(false, false, requests.toNanos(), replies.toNanos()));
	}

	/**
	 * Forward requests and swallow the replies: a request is applied, and the client
	 * never hears of it.
	 */
	public void dropReplies() {
		behave(new Behaviour(false, true, 0, 0));
	}

	/**
	 * Accept connections and hold everything back in both directions, the end of a
	 * connection too, as a network that lost its way does. After {@link #pass()} it
	 * arrives, late.
	 */
	public void blackhole() {
		behave(new Behaviour(true, false, 0, 0));
	}

	/**
	 * Reset the connections that are open. New ones are treated as before.
	 */
	public void reset() {
		this.lock.lock();
		try {
			List.copyOf(this.connections).forEach(Connection::reset);
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * Reset the connections that are open and refuse new ones, as a machine does on which
	 * the server is down, until one of the other behaviours is chosen.
	 */
	public void refuse() {
		this.control.lock();
		try {
			checkOpen();
			stopAccepting();
			reset();
		}
		finally {
			this.control.unlock();
		}
	}

	/**
	 * Forward to another target from now on, as an address does that moves to the machine
	 * which took over. Resets the connections that are open; the behaviour stays.
	 * @param host the host of the target
	 * @param port the port of the target, which need not listen yet
	 */
	public void retarget(String host, int port) {
		this.target = new InetSocketAddress(host, port);
		reset();
	}

	/**
	 * How much {@link #dropReplies()} has swallowed: more than before says that the
	 * target has answered a request.
	 * @return the bytes, since the proxy was started
	 */
	public long droppedReplyBytes() {
		this.lock.lock();
		try {
			return this.droppedReplyBytes;
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * How many connections are open.
	 * @return the number of connections
	 */
	public int connections() {
		this.lock.lock();
		try {
			return this.connections.size();
		}
		finally {
			this.lock.unlock();
		}
	}

	/**
	 * Reset all connections and stop listening, for good.
	 */
	@Override
	public void close() {
		this.control.lock();
		try {
			this.closed = true;
			stopAccepting();
			reset();
		}
		finally {
			this.control.unlock();
		}
	}

	private void behave(Behaviour next) {
		this.control.lock();
		try {
			checkOpen();
			this.lock.lock();
			try {
				this.behaviour = next;
				if (!next.dropReplies()) {
					List.copyOf(this.connections)
						.stream()
						.filter(Connection::hasLostReplies)
						.forEach(Connection::reset);
				}
				this.changed.signalAll();
			}
			finally {
				this.lock.unlock();
			}
			if (this.acceptor == null) {
				startAccepting(FreePorts.listen(this.port));
			}
		}
		catch (IOException ex) {
			throw new UncheckedIOException("Cannot listen again on port " + this.port, ex);
		}
		finally {
			this.control.unlock();
		}
	}

	private void checkOpen() {
		if (this.closed) {
			throw new IllegalStateException("The proxy to " + this.target + " is closed");
		}
	}

	private void startAccepting(ServerSocket accepting) {
		this.lock.lock();
		try {
			this.listener = accepting;
		}
		finally {
			this.lock.unlock();
		}
		this.acceptor = startDaemon("accept", () -> {
			while (!accepting.isClosed()) {
				try {
					accept(accepting, accepting.accept());
				}
				catch (IOException ex) {
					// The listener was closed, or the client went away before its turn.
				}
			}
		});
	}

	private void stopAccepting() {
		Thread accepting = this.acceptor;
		if (accepting == null) {
			return;
		}
		this.lock.lock();
		try {
			if (this.listener != null) {
				closeQuietly(this.listener);
				this.listener = null;
			}
		}
		finally {
			this.lock.unlock();
		}
		// The system listens on until the thread has left its call.
		boolean interrupted = false;
		while (accepting.isAlive()) {
			try {
				accepting.join();
			}
			catch (InterruptedException ex) {
				interrupted = true;
			}
		}
		if (interrupted) {
			Thread.currentThread().interrupt();
		}
		this.acceptor = null;
	}

	private void accept(ServerSocket accepting, Socket client) throws IOException {
		client.setTcpNoDelay(true);
		Connection connection = new Connection(client, new Socket());
		this.lock.lock();
		try {
			if (this.listener != accepting) {
				connection.reset();
				return;
			}
			this.connections.add(connection);
		}
		finally {
			this.lock.unlock();
		}
		startDaemon("connect", connection::connect);
	}

	private Thread startDaemon(String role, Runnable task) {
		Thread thread = new Thread(task, "tcp-proxy-" + this.port + "-" + role);
		thread.setDaemon(true);
		thread.start();
		return thread;
	}

	private static void closeQuietly(AutoCloseable closeable) {
		try {
			closeable.close();
		}
		catch (Exception ex) {
			// Nothing can be done, and the other end notices.
		}
	}

	private record Behaviour(boolean holdAll, boolean dropReplies, long requestDelayNanos, long replyDelayNanos) {

	}

	/**
	 * Some bytes and when they are due; no bytes stand for the end of the stream.
	 */
	private record Chunk(byte[] bytes, long dueNanos) {

	}

	private final class Connection {

		private final Socket client;

		private final Socket server;

		private boolean lostReplies;

		private int openDirections = 2;

		Connection(Socket client, Socket server) {
			this.client = client;
			this.server = server;
		}

		void connect() {
			try {
				this.server.connect(TcpProxy.this.target, CONNECT_TIMEOUT_MILLIS);
				this.server.setTcpNoDelay(true);
			}
			catch (IOException ex) {
				reset();
				return;
			}
			pump(this.client, this.server, false);
			pump(this.server, this.client, true);
		}

		boolean hasLostReplies() {
			return this.lostReplies;
		}

		void reset() {
			TcpProxy.this.lock.lock();
			try {
				TcpProxy.this.connections.remove(this);
				TcpProxy.this.changed.signalAll();
			}
			finally {
				TcpProxy.this.lock.unlock();
			}
			for (Socket socket : List.of(this.client, this.server)) {
				try {
					// Makes close() send RST instead of FIN.
					socket.setSoLinger(true, 0);
				}
				catch (IOException ex) {
					// The socket is closed already.
				}
				closeQuietly(socket);
			}
		}

		private void pump(Socket from, Socket to, boolean replies) {
			BlockingQueue<Chunk> underWay = new LinkedBlockingQueue<>(CHUNKS_UNDER_WAY);
			String direction = replies ? "replies" : "requests";
			startDaemon("read-" + direction, () -> read(from, underWay, replies));
			startDaemon("write-" + direction, () -> write(underWay, to, replies));
		}

		private void read(Socket from, BlockingQueue<Chunk> underWay, boolean replies) {
			try {
				InputStream in = from.getInputStream();
				byte[] buffer = new byte[CHUNK];
				int length;
				do {
					length = in.read(buffer);
					byte[] bytes = new byte[Math.max(0, length)];
					System.arraycopy(buffer, 0, bytes, 0, bytes.length);
					Chunk chunk = new Chunk(bytes, System.nanoTime() + delayNanos(replies));
					while (!underWay.offer(chunk, 1, TimeUnit.SECONDS)) {
						if (!isOpen()) {
							return;
						}
					}
				}
				while (length != -1);
			}
			catch (IOException | InterruptedException ex) {
				reset();
			}
		}

		private void write(BlockingQueue<Chunk> underWay, Socket to, boolean replies) {
			try {
				while (true) {
					Chunk chunk = underWay.poll(1, TimeUnit.SECONDS);
					if (chunk == null) {
						if (!isOpen()) {
							return;
						}
						continue;
					}
					boolean end = chunk.bytes().length == 0;
					if (!mayArrive(chunk, replies)) {
						continue;
					}
					if (end) {
						to.shutdownOutput();
						endDirection();
						return;
					}
					to.getOutputStream().write(chunk.bytes());
				}
			}
			catch (IOException | InterruptedException ex) {
				reset();
			}
		}

		private long delayNanos(boolean replies) {
			TcpProxy.this.lock.lock();
			try {
				Behaviour now = TcpProxy.this.behaviour;
				return replies ? now.replyDelayNanos() : now.requestDelayNanos();
			}
			finally {
				TcpProxy.this.lock.unlock();
			}
		}

		private boolean isOpen() {
			TcpProxy.this.lock.lock();
			try {
				return TcpProxy.this.connections.contains(this);
			}
			finally {
				TcpProxy.this.lock.unlock();
			}
		}

		/**
		 * Wait until a chunk is due and not held back, and say whether it goes on.
		 */
		private boolean mayArrive(Chunk chunk, boolean replies) throws IOException, InterruptedException {
			TcpProxy.this.lock.lock();
			try {
				while (true) {
					if (!isOpen()) {
						throw new IOException("The connection was reset");
					}
					long early = chunk.dueNanos() - System.nanoTime();
					if (TcpProxy.this.behaviour.holdAll()) {
						TcpProxy.this.changed.await();
					}
					else if (early > 0) {
						TcpProxy.this.changed.awaitNanos(early);
					}
					else {
						break;
					}
				}
				if (replies && TcpProxy.this.behaviour.dropReplies() && chunk.bytes().length > 0) {
					this.lostReplies = true;
					TcpProxy.this.droppedReplyBytes += chunk.bytes().length;
					return false;
				}
				return true;
			}
			finally {
				TcpProxy.this.lock.unlock();
			}
		}

		private void endDirection() {
			TcpProxy.this.lock.lock();
			try {
				this.openDirections--;
				if (this.openDirections > 0) {
					return;
				}
				TcpProxy.this.connections.remove(this);
			}
			finally {
				TcpProxy.this.lock.unlock();
			}
			closeQuietly(this.client);
			closeQuietly(this.server);
		}

	}

}
