/**
 * share-validator as a gateway of the fleet sees it: batches as raw requests, without Nest's layer, which costs
 * more than the batch. Every failure is a rejection, and its batch may be submitted again under its id. Nothing
 * is buffered for a connection that is away: what was not sent is not sent later behind the caller's back.
 */
import {
  ERROR_HEADER,
  ShareBatchView,
  type ShareValidation,
  adoptSubject,
  decodeTemplateVerdict,
  encodeMinersTemplate,
  judgeSubject,
  transactionsSubject,
} from '@otedama/contracts';
import { type Msg, RequestError, TimeoutError } from '@nats-io/transport-node';
import { NoRespondersError, TransportError } from '../errors.ts';
import type { NatsLink } from './connection.ts';

export interface RemoteValidationOptions {
  /** An answer that takes longer has failed: a validator is waiting for the log, or it died. */
  readonly timeoutMs?: number;
  /** Requests under way at once; the batcher of each pool bounds itself to 256. */
  readonly maxInFlight?: number;
}

const DEFAULT_TIMEOUT_MS = 5_000;
const DEFAULT_MAX_IN_FLIGHT = 1_024;
const JOB_KEY_BYTES = 4;

const asBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);

export const createRemoteValidation = (
  link: NatsLink,
  { timeoutMs = DEFAULT_TIMEOUT_MS, maxInFlight = DEFAULT_MAX_IN_FLIGHT }: RemoteValidationOptions = {},
): ShareValidation => {
  const giveUps = new Set<(error: Error) => void>();
  link.onState(({ state }) => {
    if (state === 'up') return;
    for (const giveUp of giveUps) {
      giveUp(new TransportError('DISCONNECTED', 'the connection was lost before the answer came'));
    }
  });

  const explained = (error: unknown, subject: string): unknown => {
    if (error instanceof RequestError && error.isNoResponders()) return new NoRespondersError(subject);
    if (!(error instanceof TimeoutError)) return error;
    return new TransportError('TIMEOUT', `${subject}: no answer within ${timeoutMs} ms`);
  };

  const ask = async (subject: string, payload: Uint8Array): Promise<Buffer> => {
    if (link.state().state === 'down') throw new TransportError('DISCONNECTED', 'not connected to NATS');
    if (giveUps.size >= maxInFlight) {
      throw new TransportError('TOO_MANY_REQUESTS', `${maxInFlight} requests are under way`);
    }
    const { promise: lost, reject: giveUp } = Promise.withResolvers<never>();
    giveUps.add(giveUp);
    let reply: Msg;
    try {
      reply = await Promise.race([link.connection.request(subject, payload, { timeout: timeoutMs }), lost]);
    } catch (error) {
      throw explained(error, subject);
    } finally {
      giveUps.delete(giveUp);
    }
    const code = reply.headers?.get(ERROR_HEADER) ?? '';
    if (code !== '') throw new TransportError('REFUSED', `${subject}: ${code}`);
    return asBuffer(reply.data);
  };

  return {
    submit: (batch) => ask(judgeSubject(new ShareBatchView(batch).poolId), batch),
    adopt: async (template) =>
      decodeTemplateVerdict(await ask(adoptSubject(template.poolId), encodeMinersTemplate(template))),
    async transactions(poolId, jobKey) {
      const key = Buffer.alloc(JOB_KEY_BYTES);
      key.writeUInt32LE(jobKey);
      const text = (await ask(transactionsSubject(poolId), key)).toString('latin1');
      return text === '' ? [] : text.split('\n');
    },
  };
};
