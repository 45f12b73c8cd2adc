package io.concord.idgen.zookeeper;

import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;

import org.apache.zookeeper.data.Stat;

import io.concord.lease.zookeeper.ZooKeeperCalls.Content;

/**
 * What the node of a worker id that is taken holds. Its mark follows from that and from
 * the time at which the node was written, by the clock of the leader: no client has to
 * know the time, and none can set it.
 *
 * @param owner who has taken it
 * @param epoch how often it was taken
 * @param floor the mark at that time
 * @param kept the mark before the last write
 * @param lead what the last write adds to its time, ms
 * @param holder which process it is
 */
record Entry(String owner, long epoch, long floor, long kept, long lead, String holder) {

	/** Reads the data of a node. */
	static Entry of(Content content) {
		String[] parts = content.data().split(" ", 6);
		return new Entry(parts[0], Long.parseLong(parts[1]), Long.parseLong(parts[2]), Long.parseLong(parts[3]),
				Long.parseLong(parts[4]), URLDecoder.decode(parts[5], StandardCharsets.UTF_8));
	}

	/** Returns the data of the node. */
	String text() {
		return this.owner + " " + this.epoch + " " + this.floor + " " + this.kept + " " + this.lead + " "
				+ URLEncoder.encode(this.holder, StandardCharsets.UTF_8);
	}

	long mark(Stat stat) {
		return Math.max(this.kept, stat.getMtime() + this.lead);
	}

	/** Returns what is to be written so that the mark, which is given, is moved. */
	Entry extended(long mark, long by) {
		return new Entry(this.owner, this.epoch, this.floor, mark, by, this.holder);
	}

}
