package io.concord.lease;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;

/**
 * Turns names of resources, which may be any text of any length, into keys that every
 * store can take: printable ASCII of at most {@value #MAX_LENGTH} characters, without
 * spaces, braces, quotes or anything else that a key, a column or a path could trip over.
 * Short plain names stay readable; all others are replaced by a hash, marked by a
 * {@code #}, which no plain name contains. Part of the stored format.
 */
public final class ResourceNames {

	/** Greatest length of an encoded name. */
	public static final int MAX_LENGTH = 120;

	private static final int HASH_BYTES = 24;

	private ResourceNames() {
	}

	/**
	 * Encodes a name.
	 * @param name any text but the empty one
	 * @return the same key for the same name on every node and in every version
	 */
	public static String encode(String name) {
		return isPlain(name) ? name : "#" + hash(name);
	}

	private static boolean isPlain(String name) {
		if (name.length() > MAX_LENGTH) {
			return false;
		}
		for (int i = 0; i < name.length(); i++) {
			char c = name.charAt(i);
			boolean plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == ':'
					|| c == '.' || c == '_' || c == '-' || c == '/' || c == '@' || c == '+' || c == '=' || c == ',';
			if (!plain) {
				return false;
			}
		}
		return true;
	}

	private static String hash(String name) {
		try {
			// Its chars as they are, for an encoder maps every unpaired surrogate to the
			// same bytes.
			ByteBuffer chars = ByteBuffer.allocate(2 * name.length());
			chars.asCharBuffer().put(name);
			byte[] digest = MessageDigest.getInstance("SHA-256").digest(chars.array());
			byte[] head = new byte[HASH_BYTES];
			System.arraycopy(digest, 0, head, 0, HASH_BYTES);
			return Base64.getUrlEncoder().withoutPadding().encodeToString(head);
		}
		catch (NoSuchAlgorithmException ex) {
			throw new IllegalStateException("Every Java platform has SHA-256", ex);
		}
	}

}
