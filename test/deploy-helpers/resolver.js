// A name server for a network namespace: prints the names that it is asked for, one a line, and knows none of them.
import { createSocket } from "node:dgram";

const HEADER = 12;
const socket = createSocket("udp4");
socket.on("message", (query, { port, address }) => {
  const labels = [];
  let end = HEADER;
  for (; query[end]; end += query[end] + 1) labels.push(query.toString("latin1", end + 1, end + 1 + query[end]));
  console.log(labels.join("."));
  const answer = query.subarray(0, end + 5); // the question: a name, its type and class
  answer.writeUInt16BE(0x8183, 2); // an answer: there is no such name
  answer.fill(0, 6, HEADER);
  socket.send(answer, port, address);
});
socket.bind(53, "127.0.0.1", () => console.log("ready"));
