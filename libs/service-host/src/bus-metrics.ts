/** The process's connection to NATS, and what it answers over it. */
import type { NatsLink } from '@otedama/bus/nats';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** A request of another service was answered here. Subjects are those of the contracts. */
export type OnAnswered = (subject: string, seconds: number, outcome: 'done' | 'failed') => void;

export const registerAnswers = (registry: Registry): OnAnswered => {
  const requests = new Histogram({
    name: 'otedama_bus_request_seconds',
    help: 'Time to answer a command or a query of another service, by subject and outcome: done, failed.',
    labelNames: ['subject', 'outcome'],
    buckets: [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10],
    registers: [registry],
  });
  return (subject, seconds, outcome) => requests.observe({ subject, outcome }, seconds);
};

/** `state` is known before there is a connection. */
export const registerLink = (registry: Registry, isUp: () => boolean, linked: Promise<NatsLink>): void => {
  const registers = [registry];
  const connected: Gauge = new Gauge({
    name: 'otedama_bus_connected',
    help: '1 while there is a connection to NATS.',
    registers,
    collect: () => connected.set(isUp() ? 1 : 0),
  });
  const losses = new Counter({
    name: 'otedama_bus_connection_losses_total',
    help: 'Times that the connection to NATS was lost.',
    registers,
  });
  void followLink(registers, losses, linked);
};

const followLink = async (
  registers: Registry[],
  losses: Counter,
  linked: Promise<NatsLink>,
): Promise<void> => {
  // Undefined: the service ends without ever having been connected.
  const link = await linked.catch(() => undefined);
  link?.onState(({ state }) => {
    if (state === 'down') losses.inc();
  });
  if (link !== undefined) registerTraffic(registers, link);
};

const registerTraffic = (registers: Registry[], { connection }: NatsLink): void => {
  const bytes: Counter<'direction'> = new Counter({
    name: 'otedama_bus_bytes_total',
    help: 'Bytes of messages over the connection to NATS: in, out.',
    labelNames: ['direction'],
    registers,
    collect() {
      const { inBytes, outBytes } = connection.stats();
      bytes.reset();
      bytes.inc({ direction: 'in' }, inBytes);
      bytes.inc({ direction: 'out' }, outBytes);
    },
  });
  const messages: Counter<'direction'> = new Counter({
    name: 'otedama_bus_messages_total',
    help: 'Messages over the connection to NATS: in, out.',
    labelNames: ['direction'],
    registers,
    collect() {
      const { inMsgs, outMsgs } = connection.stats();
      messages.reset();
      messages.inc({ direction: 'in' }, inMsgs);
      messages.inc({ direction: 'out' }, outMsgs);
    },
  });
};
