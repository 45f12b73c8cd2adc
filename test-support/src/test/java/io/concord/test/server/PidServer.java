package io.concord.test.server;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A server that tells its process id. Counts its starts in a file.
 */
final class PidServer implements ServerDefinition {

	private final String answer;

	PidServer(String answer) {
		this.answer = answer;
	}

	public static void main(String[] args) throws IOException {
		Path starts = Path.of("starts");
		Files.writeString(starts, Files.readString(starts) + "x");
		try (ServerSocket listener = new ServerSocket()) {
			listener.setReuseAddress(true);
			listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(args[0])));
			if (args[1].equals("exit")) {
				System.out.println("cannot find my glasses");
				return;
			}
			while (true) {
				try (Socket socket = listener.accept()) {
					new DataOutputStream(socket.getOutputStream()).writeLong(ProcessHandle.current().pid());
				}
			}
		}
	}

	static long ask(int port) throws IOException {
		try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
			socket.setSoTimeout(500);
			return new DataInputStream(socket.getInputStream()).readLong();
		}
	}

	@Override
	public String name() {
		return "pid-server";
	}

	@Override
	public void prepare(Path directory) throws IOException {
		Files.writeString(directory.resolve("starts"), "");
	}

	@Override
	public List<String> command(int port, Path directory) {
		String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
		return List.of(java, "-cp", System.getProperty("java.class.path"), PidServer.class.getName(),
				Integer.toString(port), this.answer);
	}

	@Override
	public boolean isReady(int port, long pid, Path directory) throws IOException {
		return ask(port) == pid;
	}

}
