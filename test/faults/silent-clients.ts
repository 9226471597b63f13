// A process that opens many connections at once and says nothing, or half of a request, until it is ended: in the test's own
// process its work would stand in the way of the probes that are measured. Arguments: port, number of connections.
import { connect } from 'node:net'

const [port, count] = process.argv.slice(2).map(Number)

for (let opened = 0; opened < Number(count); opened += 1) {
  const socket = connect(Number(port), '127.0.0.1')
  // The server may close it at one of its bounds.
  socket.on('error', () => {})
  if (opened % 2 === 0) socket.write('GET /-/liveness HTTP/1.1\r\nhost: loc')
}
process.stdout.write('opened\n')
// Also where the server has closed them all.
setInterval(() => {}, 60_000)
