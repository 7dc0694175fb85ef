/** What the live feed hears and says over NATS, before there is a connection. */
import type { DurableLog, LiveReader, LiveStream, LogEntry, Subscription } from '@otedama/contracts';

import type { BlockTailLog } from './block-tail.ts';

export class NotConnectedError extends Error {
  override readonly name = 'NotConnectedError';
  readonly code = 'NOT_CONNECTED';
}

const absent = (): Promise<never> => Promise.reject(new NotConnectedError('not connected to NATS yet'));

/** Before there is a log nothing can be found. */
export class LateBlocks implements BlockTailLog {
  readonly #wakes = new Set<() => void>();
  #log: BlockTailLog | undefined;

  open(log: Pick<DurableLog, 'newest' | 'onAppend' | 'read'>): void {
    this.#log = log;
    log.onAppend(() => this.#wakes.forEach((wake) => wake()));
    this.#wakes.forEach((wake) => wake());
  }

  newest(): Promise<bigint> {
    return this.#log?.newest() ?? absent();
  }

  read(after: bigint, limit: number): Promise<readonly LogEntry[]> {
    return this.#log?.read(after, limit) ?? absent();
  }

  onAppend(wake: () => void): Subscription {
    const listener = (): void => wake();
    this.#wakes.add(listener);
    return { unsubscribe: () => void this.#wakes.delete(listener) };
  }
}

export class LateLive implements LiveStream {
  readonly #early = new Set<LiveReader>();
  readonly #following = new Map<LiveReader, Subscription>();
  #stream: LiveStream | undefined;

  open(stream: LiveStream): void {
    this.#stream = stream;
    for (const reader of this.#early) this.#following.set(reader, stream.follow(reader));
    this.#early.clear();
  }

  append(topic: string, after: number, payload: Buffer): Promise<number | undefined> {
    return this.#stream?.append(topic, after, payload) ?? absent();
  }

  follow(reader: LiveReader): Subscription {
    if (this.#stream !== undefined) return this.#stream.follow(reader);
    this.#early.add(reader);
    return {
      unsubscribe: () => {
        this.#early.delete(reader);
        this.#following.get(reader)?.unsubscribe();
        this.#following.delete(reader);
      },
    };
  }
}
