package io.concord.test.zookeeper;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * As much of the protocol of ZooKeeper as this package needs, so that test support brings
 * no client along.
 */
final class ZooKeeperConnection implements AutoCloseable {

	private static final int TIMEOUT_MILLIS = 3_000;

	private static final int SESSION_MILLIS = 10_000;

	private static final int PASSWORD_LENGTH = 16;

	private static final int CLOSE_SESSION = -11;

	private final Socket socket;

	private final DataInputStream in;

	private final DataOutputStream out;

	private ZooKeeperConnection(Socket socket) throws IOException {
		this.socket = socket;
		this.in = new DataInputStream(socket.getInputStream());
		this.out = new DataOutputStream(socket.getOutputStream());
	}

	static ZooKeeperConnection open(String host, int port) throws IOException {
		Socket socket = new Socket();
		try {
			socket.connect(new InetSocketAddress(host, port), TIMEOUT_MILLIS);
			socket.setSoTimeout(TIMEOUT_MILLIS);
			return new ZooKeeperConnection(socket);
		}
		catch (IOException ex) {
			socket.close();
			throw ex;
		}
	}

	/**
	 * Ask a question of four letters, which needs no session.
	 */
	static String ask(String host, int port, String word) throws IOException {
		try (ZooKeeperConnection connection = open(host, port)) {
			connection.out.write(word.getBytes(StandardCharsets.US_ASCII));
			return new String(connection.in.readAllBytes(), StandardCharsets.UTF_8);
		}
	}

	void openSession() throws IOException {
		takeOverSession(0, new byte[PASSWORD_LENGTH]);
	}

	/**
	 * Move a session to this connection.
	 */
	void takeOverSession(long id, byte[] password) throws IOException {
		ByteArrayOutputStream request = new ByteArrayOutputStream();
		DataOutputStream data = new DataOutputStream(request);
		data.writeInt(0); // version of the protocol
		data.writeLong(0); // last zxid seen
		data.writeInt(SESSION_MILLIS);
		data.writeLong(id);
		data.writeInt(password.length);
		data.write(password);
		data.writeBoolean(false); // read-only
		send(request);
		ByteBuffer reply = receive();
		reply.getInt();
		if (reply.getInt() <= 0) {
			throw new IOException("there is no session 0x" + Long.toHexString(id) + ", or its password is another");
		}
	}

	/**
	 * End the session of this connection, and return when that is decided.
	 */
	void closeSession() throws IOException {
		ByteArrayOutputStream request = new ByteArrayOutputStream();
		DataOutputStream data = new DataOutputStream(request);
		data.writeInt(1); // number of the request
		data.writeInt(CLOSE_SESSION);
		send(request);
		ByteBuffer reply = receive();
		reply.getInt();
		reply.getLong();
		int error = reply.getInt();
		if (error != 0) {
			throw new IOException("ZooKeeper did not end the session: error " + error);
		}
	}

	private void send(ByteArrayOutputStream request) throws IOException {
		this.out.writeInt(request.size());
		request.writeTo(this.out);
		this.out.flush();
	}

	private ByteBuffer receive() throws IOException {
		byte[] reply = new byte[this.in.readInt()];
		this.in.readFully(reply);
		return ByteBuffer.wrap(reply);
	}

	@Override
	public void close() throws IOException {
		this.socket.close();
	}

}
