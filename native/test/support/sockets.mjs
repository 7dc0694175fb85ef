// Real clients and processes for the tests of native sockets.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

/** As text for scripts of other processes and threads. */
export const addonPath = JSON.stringify(fileURLToPath(new URL('../../index.js', import.meta.url)));
export const listenOptions = { host: '127.0.0.1', port: 0, backlog: 4096, reusePort: false, maxWaiting: 100 };

export const connectTo = async (t, port, host = '127.0.0.1') => {
  // Most of them are reset in the end; who wants to know asks for their fate.
  const socket = connect({ port, host }).on('error', () => {});
  t.after(() => socket.destroy());
  await once(socket, 'connect');
  return socket;
};

export const until = async (condition) => {
  for (const end = Date.now() + 10_000; !condition(); await sleep(1)) {
    if (Date.now() > end) assert.fail(`not in time: ${condition}`);
  }
};

/** The code of its error or 'end', whichever the client sees. */
export const fate = (socket) =>
  new Promise((resolve) => {
    socket
      .on('error', (error) => resolve(error.code))
      .on('end', () => resolve('end'))
      .resume();
  });

/** Runs a script in a process of its own; `status` is null if it does not end by itself. */
export const run = (script) => {
  const program = `const { Acceptor, PeerSockets, DRAINED } = require(${addonPath});
    const net = require('node:net');
    const options = ${JSON.stringify(listenOptions)};
    ${script}`;
  return spawnSync(process.execPath, ['-e', program], { encoding: 'utf8', timeout: 20_000 });
};
