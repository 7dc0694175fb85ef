/**
 * What every transport of commands and queries must do. A driver is a row of the table; nothing below knows
 * which one runs, so that the fleet's driver can be put under the same tests.
 */
import { Controller, type INestMicroservice, Inject, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  type ClientProxy,
  Ctx,
  type CustomTransportStrategy,
  EventPattern,
  MessagePattern,
  type NatsContext,
  Payload,
  RpcException,
} from '@nestjs/microservices';
import 'reflect-metadata';
import { Subject, concat, filter, firstValueFrom, lastValueFrom, of, throwError, take, toArray } from 'rxjs';
import { silentLogger } from '@otedama/contracts';
import { describeWith, natsServerProgram, scratchDirectory, startNats } from '@otedama/test-harness';
import { GATHERED, type Gatherer, InProcessBroker, InProcessClient, InProcessServer } from './index.ts';
import { type NatsLink, NatsClient, NatsServer, connectNats } from './nats/index.ts';

// A real server on a machine that may be busy with other things.
interface Driver {
  server(options: { queue?: string }): CustomTransportStrategy;
  client(): ClientProxy & Gatherer;
  stop(): Promise<void>;
}

const describeNats = describeWith('nats-server', natsServerProgram());

const drivers: readonly [string, typeof describe | typeof describe.skip, () => Promise<Driver>][] = [
  [
    'in process',
    describe,
    async () => {
      const broker = new InProcessBroker();
      return {
        server: (options) => new InProcessServer(broker, options),
        client: () => new InProcessClient(broker),
        stop: async () => undefined,
      };
    },
  ],
  [
    'over NATS',
    describeNats,
    async () => {
      const scratch = scratchDirectory('transport');
      const nats = await startNats({ dir: scratch.path });
      const open = (name: string): Promise<NatsLink> =>
        connectNats({ servers: [nats.url], name }, { logger: silentLogger });
      const [servers, clients] = await Promise.all([open('servers'), open('clients')]);
      return {
        server: (options) => new NatsServer(servers, options),
        client: () => new NatsClient(clients),
        stop: async () => {
          await Promise.all([servers.close(), clients.close()]);
          await nats.stop();
          scratch.remove();
        },
      };
    },
  ],
];

/** NATS draws the member of a queue group at random: with so many, each gets some. */
const MANY = Array.from({ length: 40 }, (_, i) => i);

const NAME = Symbol('Name');
const heard = new Subject<{ by: string; subject?: string; data: unknown }>();

@Controller()
class EchoController {
  readonly name: string;

  constructor(@Inject(NAME) name: string) {
    this.name = name;
  }

  @MessagePattern('cmd.echo')
  echo(@Payload() data: { list: number[] }) {
    data.list.push(99);
    return data;
  }

  @MessagePattern('query.who')
  who() {
    return this.name;
  }

  @MessagePattern('query.all', GATHERED)
  all(@Payload() data: { by?: string }) {
    if (data.by === this.name) throw new RpcException('not this one');
    return { by: this.name };
  }

  @MessagePattern('query.three')
  three() {
    return of(1, 2, 3);
  }

  @MessagePattern('query.broken')
  broken() {
    return concat(
      of(1),
      throwError(() => new RpcException('broke off')),
    );
  }

  @MessagePattern('query.nothing')
  nothing() {
    return null;
  }

  @MessagePattern('query.pool.*.status')
  anyPool(@Ctx() context: NatsContext) {
    return context.getSubject();
  }

  @MessagePattern('cmd.refuse')
  refuse() {
    throw new RpcException({ code: 'BUSY', message: 'not now' });
  }

  @MessagePattern('cmd.fault')
  fault() {
    throw new Error('internal detail');
  }

  @EventPattern<string>('event.>')
  everything(@Payload() data: unknown, @Ctx() context: NatsContext) {
    heard.next({ by: `${this.name} all`, subject: context.getSubject(), data });
  }

  @EventPattern<string>('work.item', { queue: 'workers' })
  work(@Payload() data: { list: number[] }) {
    heard.next({ by: this.name, data: structuredClone(data) });
    data.list.push(1);
  }

  @EventPattern<string>('event.fails')
  fails() {
    throw new Error('listener fault');
  }
}

const moduleNamed = (name: string) => ({
  module: EchoModule,
  controllers: [EchoController],
  providers: [{ provide: NAME, useValue: name }],
});

@Module({})
class EchoModule {}

const contract = (start: () => Promise<Driver>) => () => {
  let driver: Driver;
  let client: ClientProxy & Gatherer;
  const services: INestMicroservice[] = [];
  const serve = async (name: string): Promise<INestMicroservice> => {
    const app = await NestFactory.createMicroservice(moduleNamed(name), {
      strategy: driver.server({}),
      logger: false,
    });
    await app.listen();
    services.push(app);
    return app;
  };
  const ask = <T>(subject: string, data: unknown = {}): Promise<T> =>
    lastValueFrom(client.send<T>(subject, data));

  beforeAll(async () => {
    driver = await start();
    client = driver.client();
    await serve('one');
  });
  afterAll(async () => {
    await Promise.all(services.map((app) => app.close()));
    await client.close();
    await driver.stop();
  });

  it('answers a request with a copy: no object is shared', async () => {
    const sent = { list: [1] };
    const reply = ask('cmd.echo', sent);
    sent.list.push(2);
    await expect(reply).resolves.toEqual({ list: [1, 2, 99] });
    expect(sent).toEqual({ list: [1, 2] });
  });

  it('carries an answer of several values, of none, and one that breaks off', async () => {
    await expect(lastValueFrom(client.send('query.three', {}).pipe(toArray()))).resolves.toEqual([1, 2, 3]);
    await expect(ask('query.nothing')).resolves.toBeNull();
    const values: unknown[] = [];
    const broken = new Promise((resolve) => {
      client.send('query.broken', {}).subscribe({ next: (value) => values.push(value), error: resolve });
    });
    await expect(broken).resolves.toMatchObject({ message: 'broke off' });
    expect(values).toEqual([1]);
  });

  it('carries a refusal as it is and a fault without its text', async () => {
    await expect(ask('cmd.refuse')).rejects.toMatchObject({ code: 'BUSY', message: 'not now' });
    await expect(ask('cmd.fault')).rejects.toMatchObject({ message: 'Internal server error' });
  });

  it('says that nobody answers', async () => {
    await expect(ask('cmd.unknown')).rejects.toMatchObject({ code: 'NO_RESPONDERS' });
  });

  it('matches wildcards and tells the handler the subject', async () => {
    await expect(ask('query.pool.btc.status')).resolves.toBe('query.pool.btc.status');
    await expect(ask('query.pool.btc')).rejects.toMatchObject({ code: 'NO_RESPONDERS' });
    const seen = firstValueFrom(heard);
    client.emit('event.block.found', { height: 7 });
    await expect(seen).resolves.toEqual({ by: 'one all', subject: 'event.block.found', data: { height: 7 } });
  });

  it('keeps serving after a listener failed', async () => {
    client.emit('event.fails', {});
    await expect(ask('query.who')).resolves.toBe('one');
  });

  describe('with a second server', () => {
    let second: INestMicroservice;
    beforeAll(async () => {
      second = await serve('two');
    });

    it('shares requests between them and answers each once', async () => {
      const answers = await Promise.all(
        MANY.map(() => lastValueFrom(client.send('query.who', {}).pipe(toArray()))),
      );
      expect(answers.every((values) => values.length === 1)).toBe(true);
      expect(new Set(answers.flat())).toEqual(new Set(['one', 'two']));
    });

    it('tells every subscriber of an event, but one of a queue group', async () => {
      const all = lastValueFrom(heard.pipe(take(2), toArray()));
      client.emit('event.tick', {});
      expect((await all).map(({ by }) => by).sort()).toEqual(['one all', 'two all']);

      const items: { by: string; data: unknown }[] = [];
      const subscription = heard.subscribe((item) => items.push(item));
      for (const i of MANY) client.emit('work.item', { list: [i] });
      const after = firstValueFrom(heard.pipe(filter(({ subject }) => subject === 'event.after')));
      client.emit('event.after', {});
      await after;
      subscription.unsubscribe();
      const work = items.filter(({ by }) => !by.endsWith('all'));
      expect(work.map(({ data }) => data)).toEqual(MANY.map((i) => ({ list: [i] })));
      expect(new Set(work.map(({ by }) => by))).toEqual(new Set(['one', 'two']));
    });

    it('gathers what each of them answers, also one that cannot', async () => {
      const both = await client.gather<{ by: string }>('query.all', {}, { expected: 2 });
      expect(both.values.map(({ by }) => by).sort()).toEqual(['one', 'two']);
      expect(both.failures).toEqual([]);
      const one = await client.gather('query.all', { by: 'two' }, { expected: 2 });
      expect(one.values).toEqual([{ by: 'one' }]);
      expect(one.failures).toMatchObject([{ message: 'not this one' }]);
      // As a plain request it is answered once.
      await expect(lastValueFrom(client.send('query.all', {}).pipe(toArray()))).resolves.toHaveLength(1);
    });

    it('gathers without knowing how many there are, and nothing at once from nobody', async () => {
      const { values } = await client.gather('query.all', {}, { stallMs: 500 });
      expect(values).toHaveLength(2);
      const nobody = { values: [], failures: [] };
      await expect(client.gather('query.unknown', {}, { deadlineMs: 600_000 })).resolves.toEqual(nobody);
      // Handlers that did not say so are not asked.
      await expect(client.gather('query.who', {}, { deadlineMs: 600_000 })).resolves.toEqual(nobody);
    });

    it('forgets a server that closed', async () => {
      await second.close();
      services.pop();
      const answers = await Promise.all([1, 2, 3].map(() => ask<string>('query.who')));
      expect(answers).toEqual(['one', 'one', 'one']);
      const gathered = await client.gather('query.all', {}, { stallMs: 100 });
      expect(gathered.values).toEqual([{ by: 'one' }]);
    });
  });
};

for (const [name, suite, start] of drivers) suite(`transport ${name}`, contract(start));

describe('the in-process transport', () => {
  it('refuses what cannot be copied, as a network would', async () => {
    const broker = new InProcessBroker();
    const server = new InProcessServer(broker);
    server.addHandler('query.function', async () => ({ run: () => undefined }));
    server.listen(() => undefined);
    const client = new InProcessClient(broker);
    await expect(lastValueFrom(client.send('query.function', {}))).rejects.toThrow(/could not be cloned/);
    await expect(lastValueFrom(client.send('query.function', { run: () => 1 }))).rejects.toThrow(
      /could not be cloned/,
    );
  });

  it('hands a rejection of a bare handler to the caller', async () => {
    const broker = new InProcessBroker();
    const server = new InProcessServer(broker);
    server.addHandler('cmd.reject', () => Promise.reject(new Error('why')));
    server.listen(() => undefined);
    await expect(lastValueFrom(new InProcessClient(broker).send('cmd.reject', {}))).rejects.toThrow('why');
  });

  it('drops the answer to a caller that went away', async () => {
    const broker = new InProcessBroker();
    const server = new InProcessServer(broker);
    const { promise: gate, resolve: open } = Promise.withResolvers<string>();
    server.addHandler('query.slow', () => gate);
    server.addHandler('query.fast', async () => 'fast');
    server.listen(() => undefined);
    const client = new InProcessClient(broker);
    const seen: unknown[] = [];
    client
      .send('query.slow', {})
      .subscribe((value) => seen.push(value))
      .unsubscribe();
    open('late');
    await expect(lastValueFrom(client.send('query.fast', {}))).resolves.toBe('fast');
    expect(seen).toEqual([]);
  });
});
