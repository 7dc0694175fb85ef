// Acceptor with real clients: what it promises in index.d.ts, and how it lives in Node's event loop.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { closeSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer, Socket } from 'node:net';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { addonPath, connectTo, fate, listenOptions as options, run, until } from './support/sockets.mjs';

const require = createRequire(import.meta.url);
const { Acceptor, PeerSockets, hasNativeSockets } = require('../index.js');

const skip = hasNativeSockets() ? false : 'native sockets need Linux';

const listen = (t, changes = {}, onWaiting = () => {}) => {
  const acceptor = new Acceptor({ ...options, ...changes }, onWaiting);
  t.after(() => acceptor.close());
  return acceptor;
};

test('native sockets are there on Linux, and the classes say so elsewhere', () => {
  assert.equal(hasNativeSockets(), process.platform === 'linux');
  if (!hasNativeSockets()) {
    assert.throws(() => new Acceptor(options, () => {}), { code: 'SOCKETS_UNAVAILABLE' });
    assert.throws(() => new PeerSockets(() => {}), { code: 'SOCKETS_UNAVAILABLE' });
  }
});

test('connections are given out in their order, each with its peer', { skip }, async (t) => {
  const acceptor = listen(t);
  const clients = [];
  for (let i = 0; i < 3; i++) clients.push(await connectTo(t, acceptor.port));
  await until(() => acceptor.waiting === 3);
  for (const client of clients) {
    const { socket, address, port } = acceptor.take();
    assert.deepEqual({ address, port }, { address: '127.0.0.1', port: client.localPort });
    const stream = new Socket({ fd: socket });
    stream.end('hello');
    const [text] = await once(client.setEncoding('utf8'), 'data');
    assert.equal(text, 'hello');
  }
  assert.equal(acceptor.take(), undefined);
  assert.equal(acceptor.waiting, 0);
});

test('an address is canonical: IPv4 over IPv6 is IPv4', { skip }, async (t) => {
  const acceptor = listen(t, { host: '::' });
  await connectTo(t, acceptor.port);
  await until(() => acceptor.waiting === 1);
  const four = acceptor.take();
  assert.equal(four.address, '127.0.0.1');
  Acceptor.reset(four.socket);
  await connectTo(t, acceptor.port, '::1');
  await until(() => acceptor.waiting === 1);
  const six = acceptor.take();
  assert.equal(six.address, '::1');
  Acceptor.reset(six.socket);
});

test('onWaiting is called once a turn, and at most 64 are accepted in one', { skip }, async (t) => {
  const seen = [];
  let acceptor = listen(t, { maxWaiting: 1000 }, () => seen.push(acceptor.waiting));
  const clients = Array.from({ length: 200 }, () => connectTo(t, acceptor.port));
  await Promise.all(clients);
  await until(() => acceptor.waiting === 200);
  assert.equal(seen.at(-1), 200);
  const steps = seen.map((waiting, i) => waiting - (seen[i - 1] ?? 0));
  assert.ok(steps.every((step) => step > 0 && step <= 64), `accepted ${steps}`);
});

test('beyond maxWaiting the rest stays in the backlog until there is room', { skip }, async (t) => {
  const acceptor = listen(t, { maxWaiting: 4 });
  const clients = await Promise.all(Array.from({ length: 10 }, () => connectTo(t, acceptor.port)));
  const expected = clients.map((client) => client.localPort);
  await until(() => acceptor.waiting === 4);
  await sleep(50);
  assert.equal(acceptor.waiting, 4);
  const ports = [];
  while (ports.length < clients.length) {
    await until(() => acceptor.waiting > 0);
    const { socket, port } = acceptor.take();
    ports.push(port);
    Acceptor.reset(socket);
  }
  assert.deepEqual(new Set(ports), new Set(expected));
});

test('a taken descriptor is reset once, and nothing else ever is', { skip }, async (t) => {
  const acceptor = listen(t);
  const client = await connectTo(t, acceptor.port);
  await until(() => acceptor.waiting === 1);
  const { socket } = acceptor.take();
  const end = fate(client);
  Acceptor.reset(socket);
  assert.equal(await end, 'ECONNRESET');
  for (const wrong of [socket, 0, 1, -1, 1.5, NaN, 2 ** 40]) {
    assert.throws(() => Acceptor.reset(wrong), { code: 'INVALID_ARGUMENT' }, `${wrong}`);
  }
  assert.throws(() => Acceptor.reset('1'), Error);
});

test('a taken descriptor that was closed elsewhere is refused', { skip }, async (t) => {
  const acceptor = listen(t);
  await connectTo(t, acceptor.port);
  await until(() => acceptor.waiting === 1);
  const { socket } = acceptor.take();
  closeSync(socket);
  assert.throws(() => Acceptor.reset(socket), { code: 'INVALID_ARGUMENT' });
});

test('who has left is skipped, who has said something before is not', { skip }, async (t) => {
  const acceptor = listen(t);
  const left = await connectTo(t, acceptor.port);
  const reset = await connectTo(t, acceptor.port);
  const spoke = await connectTo(t, acceptor.port);
  await until(() => acceptor.waiting === 3);
  left.destroy();
  reset.resetAndDestroy();
  spoke.end('hello');
  const there = await connectTo(t, acceptor.port);
  await until(() => acceptor.waiting === 4);
  await sleep(50);
  const taken = [acceptor.take(), acceptor.take()];
  assert.deepEqual(taken.map(({ port }) => port), [spoke.localPort, there.localPort]);
  assert.equal(acceptor.take(), undefined);
  for (const { socket } of taken) Acceptor.reset(socket);
});

test('close resets those that wait and gives the port up', { skip }, async (t) => {
  const acceptor = listen(t);
  const client = await connectTo(t, acceptor.port);
  await until(() => acceptor.waiting === 1);
  const { port } = acceptor;
  const end = fate(client);
  acceptor.close();
  acceptor.close();
  assert.equal(await end, 'ECONNRESET');
  assert.equal(acceptor.take(), undefined);
  assert.equal(acceptor.waiting, 0);
  const again = listen(t, { port });
  assert.equal(again.port, port);
});

test('errors have the code of the system, wrong options say what is wrong', { skip }, async (t) => {
  const server = createServer().listen(0, '127.0.0.1');
  t.after(() => server.close());
  await once(server, 'listening');
  const { port } = server.address();
  const make = (changes) => () => new Acceptor({ ...options, ...changes }, () => {});
  assert.throws(make({ port }), { code: 'EADDRINUSE', message: /^listen on 127\.0\.0\.1:\d+: EADDRINUSE, / });
  assert.throws(make({ host: '192.0.2.1' }), { code: 'EADDRNOTAVAIL' });
  const wrong = [
    { host: 'localhost' },
    { port: 65_536 },
    { port: -1 },
    { port: 0.5 },
    { backlog: 0 },
    { backlog: 2 ** 31 },
    { maxWaiting: 0 },
    { maxWaiting: NaN },
  ];
  for (const changes of wrong) assert.throws(make(changes), { code: 'INVALID_ARGUMENT' }, JSON.stringify(changes));
  assert.throws(() => new Acceptor(options), Error);
  assert.throws(() => new Acceptor(), Error);
});

test('two share a port with reusePort only', { skip }, (t) => {
  const { port } = listen(t, { reusePort: true });
  assert.equal(listen(t, { port, reusePort: true }).port, port);
  assert.throws(() => new Acceptor({ ...options, port }, () => {}), { code: 'EADDRINUSE' });
});

test('what the function throws is an uncaught exception, and listening goes on', { skip }, () => {
  const { status, stdout, stderr } = run(`
    process.on('uncaughtException', (error) => console.log('caught', error.message));
    let calls = 0;
    const acceptor = new Acceptor(options, () => {
      calls += 1;
      if (calls === 2) acceptor.close();
      else net.connect(acceptor.port, '127.0.0.1').on('error', () => {}).on('connect', function () { this.destroy(); });
      throw new Error('call ' + calls);
    });
    const client = net.connect(acceptor.port, '127.0.0.1').on('error', () => {});
  `);
  assert.equal(stdout, 'caught call 1\ncaught call 2\n', stderr);
  assert.equal(status, 0);
  const uncaught = run(`
    const acceptor = new Acceptor(options, () => { throw new Error('of mine'); });
    net.connect(acceptor.port, '127.0.0.1').on('error', () => {});
  `);
  assert.match(uncaught.stderr, /Error: of mine/);
  assert.equal(uncaught.status, 1);
});

test('microtasks and ticks of the function run before anything else', { skip }, () => {
  const { stdout, stderr } = run(`
    const { AsyncLocalStorage, executionAsyncId } = require('node:async_hooks');
    const acceptor = new Acceptor(options, () => {
      setImmediate(() => { console.log('immediate'); acceptor.close(); client.destroy(); });
      Promise.resolve().then(() => console.log('microtask'));
      process.nextTick(() => console.log('tick'));
      console.log('call', executionAsyncId() > 1);
    });
    const client = net.connect(acceptor.port, '127.0.0.1').on('error', () => {});
  `);
  assert.equal(stdout, 'call true\ntick\nmicrotask\nimmediate\n', stderr);
});

test('a listener keeps the process alive, a closed one does not', { skip }, () => {
  const alive = run(`
    const acceptor = new Acceptor(options, () => {});
    setTimeout(() => { console.log('still here'); acceptor.close(); }, 100).unref();
  `);
  assert.equal(alive.stdout, 'still here\n', alive.stderr);
  assert.equal(alive.status, 0);
});

test('an environment ends with listeners open', { skip }, async (t) => {
  const source = `const { Acceptor } = require(${addonPath});
    const { parentPort } = require('node:worker_threads');
    const acceptor = new Acceptor(${JSON.stringify(options)}, () => {
      parentPort.postMessage('waiting');
      for (;;) Math.random();
    });
    parentPort.postMessage(acceptor.port);`;
  for (const busy of [false, true]) {
    const worker = new Worker(source, { eval: true });
    const [port] = await once(worker, 'message');
    const client = await connectTo(t, port);
    const end = fate(client);
    if (busy) await once(worker, 'message');
    await worker.terminate();
    assert.equal(await end, 'ECONNRESET');
    assert.equal(listen(t, { port }).port, port);
  }
});

test('without descriptors it rests and goes on when there are some', { skip }, () => {
  const { stdout, stderr, status } = run(`
    const fs = require('node:fs');
    const { setTimeout: sleep } = require('node:timers/promises');
    (async () => {
      const acceptor = new Acceptor(options, () => {});
      const files = [];
      // The output and the client have what they load before there is nothing left.
      console.log('begin');
      net.connect(1, '127.0.0.1').on('error', () => {});
      await sleep(50);
      try { for (;;) files.push(fs.openSync('/dev/null')); } catch (error) { console.log(error.code); }
      fs.closeSync(files.pop());
      const client = net.connect(acceptor.port, '127.0.0.1');
      await new Promise((resolve) => client.on('connect', resolve));
      await sleep(250);
      const { user, system } = process.cpuUsage();
      await sleep(500);
      const used = process.cpuUsage({ user, system });
      console.log(acceptor.waiting, used.user + used.system < 200_000 ? 'rests' : JSON.stringify(used));
      files.forEach((file) => fs.closeSync(file));
      while (acceptor.waiting === 0) await sleep(5);
      console.log(acceptor.waiting);
      acceptor.close();
      client.destroy();
    })();
  `);
  assert.equal(stdout, 'begin\nEMFILE\n0 rests\n1\n', stderr);
  assert.equal(status, 0);
});
