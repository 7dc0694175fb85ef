import { silentLogger } from '@otedama/contracts';
import {
  type Scratch,
  describeWith,
  eventually,
  freePort,
  natsServerProgram,
  scratchDirectory,
  startNats,
} from '@otedama/test-harness';
import { firstValueFrom } from 'rxjs';
import { type NatsState, NatsClient, NatsServer, connectNats } from './index.ts';

let scratch: Scratch;
beforeEach(() => {
  scratch = scratchDirectory('nats');
});
afterEach(() => scratch.remove());

const deps = { logger: silentLogger };

describeWith('nats-server', natsServerProgram())('the connection to NATS', () => {
  it('waits for its first server, tells why, and comes back after each loss', async () => {
    const port = await freePort();
    const states: NatsState[] = [];
    const waiting = connectNats(
      { servers: [`nats://127.0.0.1:${port}`], name: 'early' },
      { ...deps, onState: (state) => states.push(state) },
    );
    await eventually('a first refusal', () => states.length > 0);
    expect(states[0]).toEqual({ state: 'down', reason: 'connection refused' });

    await using nats = await startNats({ dir: scratch.path, port });
    const link = await waiting;
    expect(link.state()).toEqual({ state: 'up', server: `127.0.0.1:${port}` });
    await nats.kill();
    await eventually('the loss', () => link.state().state === 'down');
    await nats.start();
    await eventually('the return', () => link.state().state === 'up');
    await link.close();
    expect(states.filter(({ state }) => state === 'up')).toHaveLength(2);
    expect(states.at(-1)).toEqual({ state: 'down', reason: 'closed' });
  });

  it('gives up waiting when told to', async () => {
    const controller = new AbortController();
    const port = await freePort();
    const states: NatsState[] = [];
    const waiting = connectNats(
      { servers: [`nats://127.0.0.1:${port}`], name: 'impatient' },
      { ...deps, signal: controller.signal, onState: (state) => states.push(state) },
    );
    const outcome = expect(waiting).rejects.toMatchObject({ name: 'AbortError' });
    await eventually('a first refusal', () => states.length > 0);
    controller.abort();
    await outcome;
  });

  describe('requests', () => {
    it('fail at once without a connection, and when it is lost before the answer', async () => {
      await using nats = await startNats({ dir: scratch.path });
      const link = await connectNats({ servers: [nats.url], name: 'test' }, deps);
      const server = new NatsServer(link);
      const { promise: asked, resolve: onAsked } = Promise.withResolvers<void>();
      server.addHandler('query.never', () => {
        onAsked();
        return new Promise(() => undefined);
      });
      await server.listen(() => undefined);
      const client = new NatsClient(link, { timeoutMs: 600_000 });
      const lost = expect(firstValueFrom(client.send('query.never', {}))).rejects.toMatchObject({
        code: 'DISCONNECTED',
      });
      await asked;
      await nats.kill();
      await lost;
      await expect(firstValueFrom(client.send('query.never', {}))).rejects.toMatchObject({
        code: 'DISCONNECTED',
      });
      await expect(client.gather('query.never', {})).rejects.toMatchObject({ code: 'DISCONNECTED' });
      client.close();
      await link.close();
    });

    it('end without an answer in time, and without one that is too large either way', async () => {
      await using nats = await startNats({ dir: scratch.path, config: 'max_payload: 4096' });
      const link = await connectNats({ servers: [nats.url], name: 'test' }, deps);
      const server = new NatsServer(link);
      server.addHandler('query.never', () => new Promise(() => undefined));
      server.addHandler('query.large', async () => 'x'.repeat(5_000));
      await server.listen(() => undefined);
      const client = new NatsClient(link, { timeoutMs: 50 });
      await expect(firstValueFrom(client.send('query.never', {}))).rejects.toMatchObject({ code: 'TIMEOUT' });
      const patient = new NatsClient(link);
      const tooLarge = { code: 'PAYLOAD_TOO_LARGE' };
      await expect(firstValueFrom(patient.send('query.large', {}))).rejects.toMatchObject(tooLarge);
      await expect(firstValueFrom(patient.send('query.large', 'x'.repeat(5_000)))).rejects.toMatchObject(
        tooLarge,
      );
      await expect(firstValueFrom(patient.send('query.large', { n: 1n }))).rejects.toThrow(TypeError);
      await link.close();
    });
  });

  it('refuses what is not allowed in, and waits until it is', async () => {
    const port = await freePort();
    await using locked = await startNats({
      dir: scratch.path,
      port,
      config: 'authorization { user: a, password: b }',
    });
    const reasons: string[] = [];
    const controller = new AbortController();
    const waiting = connectNats(
      { servers: [locked.url], name: 'stranger' },
      {
        ...deps,
        signal: controller.signal,
        onState: (state) => {
          if (state.state === 'down') reasons.push(state.reason);
        },
      },
    );
    await eventually('two attempts', () => reasons.length >= 2);
    expect(reasons[0]).toMatch(/authorization violation/i);
    const ended = expect(waiting).rejects.toThrow();
    controller.abort();
    await ended;
  });
});
