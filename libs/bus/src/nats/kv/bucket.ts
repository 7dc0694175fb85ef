/**
 * A key-value bucket of the fleet as leases and blocks of extranonces use it: compare and set, and a word when
 * a key changes. Values are read from the leader, so that what was written is what is read.
 */
import { type Subscription, keptSubject, keySubject } from '@otedama/contracts';
import { JetStreamApiCodes, JetStreamApiError, jetstream } from '@nats-io/jetstream';
import { type KV, Kvm } from '@nats-io/kv';
import type { NatsLink } from '../connection.ts';

export interface BucketEntry {
  readonly value: Uint8Array;
  readonly revision: number;
}

const REVISION_HEADER = 'Nats-Sequence';
const OPERATION_HEADER = 'KV-Operation';

/** Somebody else wrote the key since it was read. */
const isConflict = (error: unknown): boolean =>
  error instanceof JetStreamApiError &&
  (error.code === JetStreamApiCodes.StreamWrongLastSequence ||
    error.code === JetStreamApiCodes.StreamWrongLastSequenceUnknown);

export class Bucket {
  readonly #link: NatsLink;
  readonly #name: string;
  readonly #timeoutMs: number;
  #kv: Promise<KV> | undefined;

  constructor(link: NatsLink, name: string, timeoutMs: number) {
    this.#link = link;
    this.#name = name;
    this.#timeoutMs = timeoutMs;
  }

  /** Undefined: never written, or deleted. */
  async get(key: string): Promise<BucketEntry | undefined> {
    const entry = await (await this.#open()).get(key);
    if (entry === null || entry.operation !== 'PUT') return undefined;
    return { value: entry.value, revision: entry.revision };
  }

  /** Writes if the key is as it was read; returns the new revision, or undefined when it is not. */
  async set(key: string, value: Uint8Array, seen: number | undefined): Promise<number | undefined> {
    const kv = await this.#open();
    try {
      if (seen === undefined) return await kv.create(key, value);
      return await kv.update(key, value, seen, this.#timeoutMs);
    } catch (error) {
      if (isConflict(error)) return undefined;
      throw error;
    }
  }

  async delete(key: string, seen: number): Promise<void> {
    await (await this.#open()).delete(key, { previousSeq: seen });
  }

  /** Each change of the key that the bucket has taken; what comes while the connection is away is not heard. */
  watch(key: string, onChange: (entry: BucketEntry | undefined) => void): Subscription {
    const { connection } = this.#link;
    const subscription = connection.subscribe(keptSubject(keySubject(this.#name, key)), {
      callback: (error, message) => {
        if (error !== null) return;
        const isDeleted = (message.headers?.get(OPERATION_HEADER) ?? '') !== '';
        const revision = Number(message.headers?.get(REVISION_HEADER));
        onChange(isDeleted ? undefined : { value: Uint8Array.from(message.data), revision });
      },
    });
    return {
      unsubscribe: () => {
        if (!connection.isClosed()) subscription.unsubscribe();
      },
    };
  }

  #open(): Promise<KV> {
    this.#kv ??= new Kvm(jetstream(this.#link.connection, { timeout: this.#timeoutMs })).open(this.#name);
    return this.#kv;
  }
}
