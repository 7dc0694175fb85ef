// PeerSockets with real clients: what index.d.ts promises, and how it lives in Node's event loop. The sockets
// themselves have their tests in Rust (crates/peer-sockets/tests).
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { Socket } from 'node:net';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { getSystemErrorName } from 'node:util';
import { Worker } from 'node:worker_threads';
import { addonPath, connectTo, fate, listenOptions, run, until } from './support/sockets.mjs';

const require = createRequire(import.meta.url);
const { Acceptor, DRAINED, PeerSockets, hasNativeSockets } = require('../index.js');

const skip = hasNativeSockets() ? false : 'native sockets need Linux';
const READ_BYTES = 16_384;

const nameOf = (what) => {
  if (what === DRAINED) return 'drained';
  return what === 0 ? 'end' : getSystemErrorName(what);
};

/** Sockets, and all that they told, as pairs of a peer and a text or the name of what happened. */
const house = (t, onEvent = () => {}) => {
  const events = new Int32Array(2 * 64);
  const data = Buffer.alloc(64 * READ_BYTES);
  const told = [];
  const poll = () => {
    const count = sockets.poll(events, data);
    for (let i = 0, start = 0; i < count; i++) {
      const [peer, what] = events.subarray(2 * i);
      const text = what > 0 ? data.toString('latin1', start, (start += what)) : nameOf(what);
      told.push([peer, text]);
      onEvent(peer, text);
    }
  };
  const sockets = new PeerSockets(poll);
  const acceptor = new Acceptor(listenOptions, () => {});
  t.after(() => (acceptor.close(), sockets.dispose()));
  const join = async () => {
    const client = await connectTo(t, acceptor.port);
    await until(() => acceptor.waiting > 0);
    const peer = sockets.add(acceptor.take().socket);
    return { client, peer };
  };
  const enter = async () => {
    const joined = await join();
    sockets.resume(joined.peer);
    return joined;
  };
  return { acceptor, sockets, told, poll, join, enter };
};

const send = (sockets, ...texts) => {
  const ends = [];
  for (const [, text] of texts) ends.push((ends.at(-1) ?? 0) + text.length);
  const queued = new Uint32Array(texts.length);
  const data = Buffer.concat(texts.map(([, text]) => Buffer.from(text)));
  sockets.send(Int32Array.from(texts, ([peer]) => peer), Uint32Array.from(ends), data, queued);
  return [...queued];
};

test('many are read in one call and written to in one', { skip }, async (t) => {
  const { sockets, told, enter } = house(t);
  const one = await enter();
  const two = await enter();
  one.client.write('from one');
  two.client.write('from two');
  await until(() => told.length === 2);
  assert.deepEqual(new Map(told), new Map([[one.peer, 'from one'], [two.peer, 'from two']]));
  assert.deepEqual(send(sockets, [one.peer, 'to one'], [two.peer, 'to two']), [0, 0]);
  for (const [{ client }, expected] of [[one, 'to one'], [two, 'to two']]) {
    assert.equal(String((await once(client, 'data'))[0]), expected);
  }
  assert.equal(sockets.sentBytes(one.peer), 6);
  assert.equal(sockets.queuedBytes(one.peer), 0);
});

test('onEvents is called once a turn, for all that happened', { skip }, async (t) => {
  const { acceptor, sockets, join } = house(t);
  let calls = 0;
  const events = new Int32Array(2 * 64);
  const data = Buffer.alloc(64 * READ_BYTES);
  const counted = new PeerSockets(() => {
    calls += 1;
    counts.push(counted.poll(events, data));
  });
  const counts = [];
  t.after(() => counted.dispose());
  const clients = [];
  for (let i = 0; i < 20; i++) {
    const { client, peer } = await join();
    clients.push(client);
    counted.resume(counted.add(sockets.detach(peer)));
  }
  assert.equal(acceptor.waiting, 0);
  for (const client of clients) client.write('text');
  // They are written by the turn that is over; a busy loop lets all of them arrive before the next.
  await new Promise(setImmediate);
  for (const end = Date.now() + 50; Date.now() < end; );
  await until(() => counts.reduce((sum, count) => sum + count, 0) === 20);
  assert.ok(calls <= 2, `in ${calls} calls`);
});

test('a peer begins paused and is silent while it is', { skip }, async (t) => {
  const { sockets, told, join } = house(t);
  const { client, peer } = await join();
  client.write('one');
  await sleep(30);
  assert.deepEqual(told, []);
  sockets.resume(peer);
  await until(() => told.length === 1);
  sockets.pause(peer);
  client.end('two');
  await sleep(30);
  assert.deepEqual(told, [[peer, 'one']]);
  sockets.resume(peer);
  await until(() => told.length === 3);
  assert.deepEqual(told.slice(1), [[peer, 'two'], [peer, 'end']]);
});

test('what a slow peer does not take goes when it can, then drained is told, then its end is seen', { skip }, async (t) => {
  const { sockets, told, enter } = house(t);
  const { client, peer } = await enter();
  client.pause();
  const text = 'x'.repeat(1 << 20);
  let size = 0;
  for (let queued = 0; queued === 0; size += text.length) [queued] = send(sockets, [peer, text]);
  const [queued] = send(sockets, [peer, 'last']);
  size += 4;
  assert.equal(sockets.queuedBytes(peer), queued);
  assert.equal(sockets.sentBytes(peer), size - queued);
  sockets.end(peer);
  assert.deepEqual(send(sockets, [peer, 'never']), [queued]);
  const chunks = [];
  client.on('data', (chunk) => chunks.push(chunk)).resume();
  await once(client, 'end');
  const all = Buffer.concat(chunks).toString();
  assert.equal(all.length, size);
  assert.equal(all.slice(-5), 'xlast');
  assert.equal(sockets.sentBytes(peer), size);
  await until(() => told.length === 2);
  assert.deepEqual(told, [[peer, 'drained'], [peer, 'end']]);
});

test('a reset is told with its error', { skip }, async (t) => {
  const { told, enter } = house(t);
  const { client, peer } = await enter();
  client.resetAndDestroy();
  await until(() => told.length > 0);
  assert.deepEqual(told, [[peer, 'ECONNRESET']]);
});

test('close and dispose are seen by the clients', { skip }, async (t) => {
  const { acceptor, sockets, enter } = house(t);
  const [ended, broken, left] = [await enter(), await enter(), await enter()];
  const fates = [ended, broken, left].map(({ client }) => fate(client));
  sockets.close(ended.peer, false);
  sockets.close(broken.peer, true);
  sockets.dispose();
  sockets.dispose();
  assert.deepEqual(await Promise.all(fates), ['end', 'ECONNRESET', 'end']);
  await connectTo(t, acceptor.port);
  await until(() => acceptor.waiting > 0);
  const { socket } = acceptor.take();
  assert.throws(() => sockets.add(socket), { code: 'SOCKETS_CLOSED' });
  Acceptor.reset(socket);
  assert.equal(sockets.poll(new Int32Array(4), Buffer.alloc(READ_BYTES)), 0);
  assert.throws(() => sockets.close(0, false), { code: 'INVALID_ARGUMENT' });
  assert.throws(() => send(sockets, [0, 'text']), { code: 'INVALID_ARGUMENT' });
});

test('a peer that is closed while others are told of is told of no more', { skip }, async (t) => {
  const { sockets, told, enter } = house(t, (peer) => {
    for (const { peer: other } of peers.splice(0)) if (other !== peer) sockets.close(other, false);
  });
  // Room for one read at a time: the others are known to have said something when the first is told of.
  const peers = [];
  const poll = sockets.poll.bind(sockets);
  sockets.poll = (events) => poll(events, Buffer.alloc(READ_BYTES));
  const joined = [];
  for (let i = 0; i < 4; i++) joined.push(await enter());
  peers.push(...joined);
  for (const { client } of joined) client.write('text');
  await until(() => told.length > 0);
  await sleep(50);
  assert.equal(told.length, 1);
});

test("a detached socket goes on as Node's, with what was not read", { skip }, async (t) => {
  const { sockets, join } = house(t);
  const { client, peer } = await join();
  client.write('hello');
  const stream = new Socket({ fd: sockets.detach(peer) });
  assert.equal(String((await once(stream, 'data'))[0]), 'hello');
  stream.end('bye');
  assert.equal(String((await once(client, 'data'))[0]), 'bye');
  assert.throws(() => sockets.resume(peer), { code: 'INVALID_ARGUMENT' });
});

test('calls that make no sense are refused and change nothing', { skip }, async (t) => {
  const { sockets, told, enter } = house(t);
  const { client, peer } = await enter();
  const refused = { code: 'INVALID_ARGUMENT' };
  const calls = ['pause', 'resume', 'end', 'detach', 'queuedBytes', 'sentBytes'];
  for (const wrong of [peer + 1, -1, 0.5, NaN, Infinity, 2 ** 32, 2 ** 53]) {
    for (const call of calls) assert.throws(() => sockets[call](wrong), refused, `${call}(${wrong})`);
    assert.throws(() => sockets.close(wrong, true), refused);
    assert.throws(() => sockets.add(wrong), refused);
  }
  for (const wrong of [undefined, null, 'text', {}, Symbol('x')]) {
    for (const call of [...calls, 'add']) assert.throws(() => sockets[call](wrong), Error);
  }
  const int = (...numbers) => Int32Array.from(numbers);
  const uint = (...numbers) => Uint32Array.from(numbers);
  const text = Buffer.from('text');
  const wrongSends = [
    [int(peer, peer + 1), uint(1, 2), text, uint(0, 0)],
    [int(peer, -1), uint(1, 2), text, uint(0, 0)],
    [int(peer), uint(1, 2), text, uint(0, 0)],
    [int(peer, peer), uint(1, 2), text, uint(0)],
    [int(peer, peer), uint(2, 1), text, uint(0, 0)],
    [int(peer, peer), uint(1, 5), text, uint(0, 0)],
  ];
  for (const wrong of wrongSends) assert.throws(() => sockets.send(...wrong), refused);
  const shared = new ArrayBuffer(64);
  const overlapping = [new Int32Array(shared, 0, 1).fill(peer), uint(1), text, new Uint32Array(shared, 0, 1)];
  assert.throws(() => sockets.send(...overlapping), refused);
  assert.throws(() => sockets.poll(new Int32Array(3), Buffer.alloc(READ_BYTES)), refused);
  assert.throws(() => sockets.poll(new Int32Array(4), Buffer.alloc(READ_BYTES - 1)), refused);
  const room = new ArrayBuffer(READ_BYTES);
  assert.throws(() => sockets.poll(new Int32Array(room, 0, 4), new Uint8Array(room)), refused);
  const detached = new Int32Array(4);
  structuredClone(detached.buffer, { transfer: [detached.buffer] });
  assert.throws(() => sockets.poll(detached, Buffer.alloc(READ_BYTES)), refused);
  for (const wrong of [undefined, [], new Uint8Array(64), new Float64Array(4)]) {
    assert.throws(() => sockets.poll(wrong, Buffer.alloc(READ_BYTES)), Error);
    assert.throws(() => sockets.send(wrong, uint(1), text, uint(0)), Error);
  }
  assert.throws(() => new PeerSockets(), Error);
  assert.throws(() => sockets.poll.call({}, new Int32Array(4), Buffer.alloc(READ_BYTES)), Error);
  // Nothing of all that has reached the peer, which is as well as before.
  assert.equal(sockets.sentBytes(peer), 0);
  client.write('still here');
  await until(() => told.length === 1);
  assert.deepEqual(told, [[peer, 'still here']]);
});

test('what the function throws is an uncaught exception, and events go on', { skip }, () => {
  const { status, stdout, stderr } = run(`
    process.on('uncaughtException', (error) => console.log('caught', error.message));
    const events = new Int32Array(8);
    const data = Buffer.alloc(16384);
    const sockets = new PeerSockets(() => {
      sockets.poll(events, data);
      if (events[1] === 0) sockets.close(events[0], false);
      process.nextTick(() => console.log('tick'));
      throw new Error('event ' + events[1]);
    });
    const acceptor = new Acceptor(options, () => {
      sockets.resume(sockets.add(acceptor.take().socket));
      acceptor.close();
      client.write('text', () => setTimeout(() => client.end(), 50));
    });
    const client = net.connect(acceptor.port, '127.0.0.1').resume();
  `);
  assert.equal(stdout, 'caught event 4\ntick\ncaught event 0\ntick\n', stderr);
  assert.equal(status, 0);
});

test('a peer keeps the process alive, sockets without one do not', { skip }, () => {
  const empty = run(`new PeerSockets(() => {}); console.log('made');`);
  assert.deepEqual([empty.stdout, empty.status], ['made\n', 0], empty.stderr);
  for (const leave of ['sockets.close(peer, true)', 'sockets.detach(peer)', 'sockets.dispose()']) {
    const kept = run(`
      const { Worker } = require('node:worker_threads');
      const sockets = new PeerSockets(() => {});
      const acceptor = new Acceptor(options, () => {
        const peer = sockets.add(acceptor.take().socket);
        acceptor.close();
        client.unref();
        setTimeout(() => { console.log('still here'); ${leave}; }, 100).unref();
      });
      const client = net.connect(acceptor.port, '127.0.0.1').on('error', () => {});
    `);
    assert.deepEqual([kept.stdout, kept.status], ['still here\n', 0], `${leave} ${kept.stderr}`);
  }
});

test('an environment ends with peers and a busy function', { skip }, async (t) => {
  const source = `const { Acceptor, PeerSockets } = require(${addonPath});
    const { parentPort } = require('node:worker_threads');
    const sockets = new PeerSockets(() => {
      parentPort.postMessage('event');
      for (;;) Math.random();
    });
    const acceptor = new Acceptor(${JSON.stringify(listenOptions)}, () => {
      while (acceptor.waiting > 0) sockets.resume(sockets.add(acceptor.take().socket));
      parentPort.postMessage('added');
    });
    parentPort.postMessage(acceptor.port);`;
  for (const busy of [false, true]) {
    const worker = new Worker(source, { eval: true });
    const [port] = await once(worker, 'message');
    const client = await connectTo(t, port);
    await once(worker, 'message');
    if (busy) {
      client.write('text');
      await once(worker, 'message');
    }
    const end = fate(client);
    await worker.terminate();
    assert.match(await end, /^(end|ECONNRESET)$/);
  }
});

test('sockets that nobody has any more are closed', { skip }, () => {
  const { stdout, stderr, status } = run(`
    const { setFlagsFromString } = require('node:v8');
    setFlagsFromString('--expose-gc');
    const gc = require('node:vm').runInNewContext('gc');
    // Not within 'make', whose variables it would keep.
    const onEvents = () => {};
    const make = () => {
      const sockets = new PeerSockets(onEvents);
      const acceptor = new Acceptor(options, () => {
        sockets.add(acceptor.take().socket);
        acceptor.close();
        console.log('added');
      });
      return acceptor.port;
    };
    const client = net.connect(make(), '127.0.0.1').resume();
    client.on('close', () => { console.log('closed'); clearInterval(timer); }).on('error', () => {});
    const timer = setInterval(gc, 10);
  `);
  assert.equal(stdout, 'added\nclosed\n', stderr);
  assert.equal(status, 0);
});

test('a thousand connections echo lines, whatever their pieces are', { skip }, async (t) => {
  const buffers = new Map();
  const { acceptor, sockets } = house(t, (peer, text) => {
    if (text === 'end') return sockets.close(peer, false);
    const lines = ((buffers.get(peer) ?? '') + text).split('\n');
    buffers.set(peer, lines.pop());
    if (lines.length > 0) send(sockets, [peer, lines.map((line) => `${line}\n`).join('')]);
  });
  const taking = setInterval(() => {
    for (let taken = acceptor.take(); taken !== undefined; taken = acceptor.take()) {
      sockets.resume(sockets.add(taken.socket));
    }
  }, 1);
  t.after(() => clearInterval(taking));
  const talk = async (i) => {
    const client = await connectTo(t, acceptor.port);
    const expected = Array.from({ length: 20 }, (_, n) => `line ${n} of ${i}\n`).join('');
    let heard = '';
    client.setEncoding('latin1').on('data', (text) => (heard += text));
    for (let at = 0; at < expected.length; at += 50) {
      client.write(expected.slice(at, at + 50));
      await new Promise(setImmediate);
    }
    await until(() => heard.length >= expected.length);
    assert.equal(heard, expected);
    client.end();
    await once(client, 'close');
  };
  for (let round = 0; round < 4; round++) {
    await Promise.all(Array.from({ length: 250 }, (_, i) => talk(250 * round + i)));
  }
});
