import { Controller, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Ctx, EventPattern, MessagePattern, Payload, RpcException } from '@nestjs/microservices';
import type { ClientProxy, CustomTransportStrategy } from '@nestjs/microservices';
import 'reflect-metadata';
import { Subject, lastValueFrom, of, toArray } from 'rxjs';
import { InProcessBroker, InProcessClient, InProcessServer } from './index.ts';

/** Every driver must pass the same suite; the fleet adds NATS as another row. */
const drivers: readonly [string, () => { server: CustomTransportStrategy; client: ClientProxy }][] = [
  [
    'in process',
    () => {
      const broker = new InProcessBroker();
      return { server: new InProcessServer(broker), client: new InProcessClient(broker) };
    },
  ],
];

const events = new Subject<unknown>();

@Controller()
class EchoController {
  @MessagePattern('cmd.echo')
  echo(@Payload() data: { list: number[] }) {
    data.list.push(99);
    return data;
  }

  @MessagePattern('query.three')
  three() {
    return of(1, 2, 3);
  }

  @MessagePattern('cmd.refuse')
  refuse() {
    throw new RpcException('not now');
  }

  @EventPattern<string>('event.seen')
  seen(@Payload() data: unknown, @Ctx() context: unknown) {
    void context;
    events.next(data);
  }
}

@Module({ controllers: [EchoController] })
class EchoModule {}

describe.each(drivers)('transport %s', (_name, create) => {
  const { server, client } = create();
  let close: () => Promise<void>;
  beforeAll(async () => {
    const app = await NestFactory.createMicroservice(EchoModule, { strategy: server, logger: false });
    await app.listen();
    close = () => app.close();
  });
  afterAll(() => close());

  it('answers a request with a copy: no object is shared', async () => {
    const sent = { list: [1] };
    await expect(lastValueFrom(client.send('cmd.echo', sent))).resolves.toEqual({ list: [1, 99] });
    expect(sent).toEqual({ list: [1] });
  });

  it('carries an answer of several values', async () => {
    await expect(lastValueFrom(client.send('query.three', {}).pipe(toArray()))).resolves.toEqual([1, 2, 3]);
  });

  it('carries a refusal', async () => {
    await expect(lastValueFrom(client.send('cmd.refuse', {}))).rejects.toMatchObject({ message: 'not now' });
  });

  it('says that nobody answers', async () => {
    await expect(lastValueFrom(client.send('cmd.unknown', {}))).rejects.toMatchObject({
      code: 'NO_RESPONDERS',
    });
  });

  it('delivers events', async () => {
    const seen = new Promise((resolve) => {
      events.subscribe(resolve);
    });
    client.emit('event.seen', { n: 1 });
    await expect(seen).resolves.toEqual({ n: 1 });
  });
});
