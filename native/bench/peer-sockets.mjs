// What a line costs a server that sends it back: through PeerSockets, and through Node's net. 1,000 connections have
// one line each under way, which is how miners talk to a pool. The servers are processes of their own and take turns
// within one run. Prints JSON.
//
//   node native/bench/peer-sockets.mjs [seconds of a phase] [rounds]
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { connect, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const CONNECTIONS = 1_000;
/** Of a share, with its name and its numbers. */
const LINE = Buffer.from(`${'x'.repeat(119)}\n`);
const WARM_UP_MS = 1_000;

const require = createRequire(import.meta.url);

/** Each listens, sends back what comes, and returns its port and how often it was called by the event loop. */
const servers = {
  async net() {
    const counts = { lines: 0, turns: 0 };
    const server = createServer({ noDelay: true }, (socket) => {
      socket.on('data', (bytes) => {
        counts.lines += bytes.length / LINE.length;
        counts.turns += 1;
        socket.write(bytes);
      });
      socket.on('error', () => {});
    }).listen(0, '127.0.0.1', CONNECTIONS);
    await once(server, 'listening');
    return { port: server.address().port, counts };
  },
  async native() {
    const { Acceptor, PeerSockets } = require('../index.js');
    const counts = { lines: 0, turns: 0 };
    const events = new Int32Array(2 * 1024);
    const data = Buffer.alloc(1 << 20);
    const [peers, ends, queued] = [new Int32Array(1024), new Uint32Array(1024), new Uint32Array(1024)];
    const sockets = new PeerSockets(() => {
      const count = sockets.poll(events, data);
      let end = 0;
      let said = 0;
      for (let i = 0; i < count; i++) {
        const bytes = events[2 * i + 1];
        if (bytes <= 0) continue;
        peers[said] = events[2 * i];
        ends[said] = end += bytes;
        said += 1;
      }
      counts.lines += end / LINE.length;
      counts.turns += 1;
      sockets.send(peers.subarray(0, said), ends.subarray(0, said), data, queued.subarray(0, said));
    });
    const options = { host: '127.0.0.1', port: 0, backlog: CONNECTIONS, reusePort: false, maxWaiting: CONNECTIONS };
    const acceptor = new Acceptor(options, () => {
      for (let taken = acceptor.take(); taken !== undefined; taken = acceptor.take()) {
        sockets.resume(sockets.add(taken.socket));
      }
    });
    return { port: acceptor.port, counts };
  },
};

const serve = async (name) => {
  const { port, counts } = await servers[name]();
  process.on('message', () => {
    const { user, system } = process.cpuUsage();
    globalThis.gc();
    process.send({ ...counts, user, system, rss: process.memoryUsage.rss() });
  });
  process.on('disconnect', () => process.exit());
  process.send(port);
};

const talk = (socket, state) => {
  let missing = LINE.length;
  socket.on('data', (bytes) => {
    missing -= bytes.length;
    if (missing > 0) return;
    missing = LINE.length;
    if (state.going) socket.write(LINE);
  });
};

const round = async (name, seconds) => {
  const server = fork(fileURLToPath(import.meta.url), ['--serve', name], { execArgv: ['--expose-gc'] });
  const ask = async () => {
    server.send('');
    return (await once(server, 'message'))[0];
  };
  const [port] = await once(server, 'message');
  const empty = await ask();
  const state = { going: true };
  const clients = Array.from({ length: CONNECTIONS }, () => connect({ port, host: '127.0.0.1', noDelay: true }));
  await Promise.all(clients.map((client) => once(client, 'connect')));
  await sleep(200);
  const idle = await ask();
  for (const client of clients) {
    talk(client, state);
    client.write(LINE);
  }
  await sleep(WARM_UP_MS);
  const before = await ask();
  await sleep(1_000 * seconds);
  const after = await ask();
  state.going = false;
  for (const client of clients) client.destroy();
  server.disconnect();
  await once(server, 'exit');
  const lines = after.lines - before.lines;
  return {
    cpuMicrosALine: (after.user + after.system - before.user - before.system) / lines,
    systemMicrosALine: (after.system - before.system) / lines,
    linesASecond: lines / seconds,
    linesACall: lines / (after.turns - before.turns),
    bytesAConnection: (idle.rss - empty.rss) / CONNECTIONS,
  };
};

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

const measure = async ([seconds = 3, rounds = 3]) => {
  const results = { net: [], native: [] };
  for (let i = 0; i < rounds; i++) {
    for (const [name, figures] of Object.entries(results)) figures.push(await round(name, seconds));
  }
  const summary = ([name, figures]) => {
    const keys = Object.keys(figures[0]);
    return [name, Object.fromEntries(keys.map((key) => [key, +median(figures.map((one) => one[key])).toFixed(2)]))];
  };
  const medians = Object.fromEntries(Object.entries(results).map(summary));
  return { connections: CONNECTIONS, lineBytes: LINE.length, seconds, rounds, node: process.version, ...medians };
};

const [first, second] = process.argv.slice(2);
if (first === '--serve') await serve(second);
else console.log(JSON.stringify(await measure(process.argv.slice(2).map(Number)), undefined, 2));
