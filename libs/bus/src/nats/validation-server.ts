/**
 * A validator's side of the gateways' raw requests. All validators of a pool form one queue group, so that a
 * batch is judged by one of them. Work that is under way is bounded: who comes beyond is told to come again,
 * and finds another validator or this one with room.
 */
import {
  ERROR_HEADER,
  type Logger,
  ShareBatchView,
  type MinersTemplate,
  type ShareValidation,
  adoptSubject,
  decodeMinersTemplate,
  encodeTemplateVerdict,
  judgeSubject,
  transactionsSubject,
} from '@otedama/contracts';
import { type Msg, type Subscription, headers } from '@nats-io/transport-node';
import type { NatsLink } from './connection.ts';

export interface ServeValidationOptions {
  readonly logger: Logger;
  /** Requests that are being worked on at once. */
  readonly maxInFlight?: number;
  /** A batch of the pool was told to come again. */
  readonly onBusy?: (poolId: string) => void;
}

export interface ServedValidation {
  /** Takes no more, and answers what was taken. */
  stop(): Promise<void>;
}

const VALIDATORS = 'validators';
/** While the log is away each gateway has up to 256 out, of 50 kB at most: judged, and waiting. */
const DEFAULT_MAX_IN_FLIGHT = 512;
const JOB_KEY_BYTES = 4;

type Answer = (message: Msg) => Promise<Uint8Array>;

class BadRequestError extends Error {
  override readonly name = 'BadRequestError';
  readonly code = 'BAD_REQUEST';
}

const codeOf = (error: unknown): string => {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && /^[A-Z0-9_]{1,40}$/.test(code) ? code : 'INTERNAL';
};

const refuse = (message: Msg, code: string): void => {
  const marked = headers();
  marked.set(ERROR_HEADER, code);
  message.respond(new Uint8Array(), { headers: marked });
};

/** Whoever may publish to a pool's subject may not speak for another pool. */
const batchOf = ({ data }: Msg, poolId: string): Buffer => {
  const batch = Buffer.from(data.buffer, data.byteOffset, data.length);
  if (new ShareBatchView(batch).poolId !== poolId) throw new BadRequestError('a batch of another pool');
  return batch;
};

const templateOf = ({ data }: Msg, poolId: string): MinersTemplate => {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.length);
  const template = decodeMinersTemplate(poolId, bytes);
  if (template === undefined) throw new BadRequestError('not a template');
  return template;
};

const jobKeyOf = ({ data }: Msg): number => {
  if (data.length !== JOB_KEY_BYTES) throw new BadRequestError('not the key of a job');
  return Buffer.from(data.buffer, data.byteOffset, data.length).readUInt32LE();
};

export const serveValidation = (
  { connection }: NatsLink,
  validation: ShareValidation,
  poolIds: readonly string[],
  { logger, maxInFlight = DEFAULT_MAX_IN_FLIGHT, onBusy }: ServeValidationOptions,
): ServedValidation => {
  const underWay = new Set<Promise<void>>();

  const work = async (message: Msg, answer: Answer): Promise<void> => {
    try {
      const reply = await answer(message);
      const maxBytes = connection.info?.max_payload ?? Number.POSITIVE_INFINITY;
      if (reply.length > maxBytes) refuse(message, 'PAYLOAD_TOO_LARGE');
      else message.respond(reply);
    } catch (error) {
      logger.warn({ error, subject: message.subject }, 'a request of a gateway was not done');
      refuse(message, codeOf(error));
    }
  };

  const take = (message: Msg, answer: Answer, onRefused?: () => void): void => {
    if (underWay.size >= maxInFlight) {
      onRefused?.();
      refuse(message, 'BUSY');
      return;
    }
    const done = work(message, answer).finally(() => underWay.delete(done));
    underWay.add(done);
  };

  const serve = (subject: string, answer: Answer, onRefused?: () => void): Subscription =>
    connection.subscribe(subject, {
      queue: VALIDATORS,
      callback: (error, message) => {
        if (error === null) take(message, answer, onRefused);
        else logger.error({ error, subject }, 'a subject cannot be served');
      },
    });

  const subscriptions = poolIds.flatMap((poolId) => [
    serve(
      judgeSubject(poolId),
      async (message) => validation.submit(batchOf(message, poolId)),
      () => onBusy?.(poolId),
    ),
    serve(adoptSubject(poolId), async (message) =>
      encodeTemplateVerdict(await validation.adopt(templateOf(message, poolId))),
    ),
    serve(transactionsSubject(poolId), async (message) =>
      Buffer.from((await validation.transactions(poolId, jobKeyOf(message))).join('\n'), 'latin1'),
    ),
  ]);

  return {
    async stop() {
      await Promise.allSettled(subscriptions.map((subscription) => subscription.drain()));
      await Promise.all(underWay);
    },
  };
};
