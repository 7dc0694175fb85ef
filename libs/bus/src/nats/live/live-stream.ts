/**
 * The live stream of the fleet: JetStream orders what all API gateways say, and refuses what does not follow the
 * last message of its topic. Read as the logs are, from its beginning and on each word that there is more.
 */
import {
  LIVE_LOG,
  type LiveReader,
  type LiveStream,
  LogError,
  type LogEntry,
  type Logger,
  type Subscription,
  appendedSubject,
  liveSubject,
} from '@otedama/contracts';
import {
  type JetStreamClient,
  JetStreamApiCodes,
  JetStreamApiError,
  type JetStreamManager,
  jetstream,
  jetstreamManager,
} from '@nats-io/jetstream';
import type { NatsLink } from '../connection.ts';
import { type JetStreamLog, createJetStreamLog } from '../log/jetstream-log.ts';

export interface NatsLiveStreamDeps {
  readonly link: NatsLink;
  readonly logger: Logger;
}

export interface NatsLiveStream extends LiveStream {
  close(): Promise<void>;
}

const ACK_TIMEOUT_MS = 2_000;
const READ_ENTRIES = 256;
const RETRY_MS = 250;

const isConflict = (error: unknown): boolean =>
  error instanceof JetStreamApiError &&
  (error.code === JetStreamApiCodes.StreamWrongLastSequence ||
    error.code === JetStreamApiCodes.StreamWrongLastSequenceUnknown);

/** One reader's place in the stream: one step at a time, and another one for whatever came meanwhile. */
class Follower {
  readonly #log: JetStreamLog;
  readonly #reader: LiveReader;
  readonly #logger: Logger;
  readonly #listening: readonly Subscription[];
  #last: LogEntry | undefined;
  /** What was read before may be another stream's: the connection was away. */
  #isDoubtful = false;
  #isStale = true;
  #isReading = false;
  #retry: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(log: JetStreamLog, link: NatsLink, reader: LiveReader, logger: Logger) {
    this.#log = log;
    this.#reader = reader;
    this.#logger = logger;
    const { connection } = link;
    const appended = connection.subscribe(appendedSubject(`${LIVE_LOG}.>`), { callback: () => this.#wake() });
    this.#listening = [
      { unsubscribe: () => void (connection.isClosed() || appended.unsubscribe()) },
      link.onState(({ state }) => {
        if (state === 'down') this.#isDoubtful = true;
        else this.#wake();
      }),
    ];
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#retry);
    for (const subscription of this.#listening) subscription.unsubscribe();
  }

  #wake(): void {
    this.#isStale = true;
    if (!this.#isReading && !this.#closed) void this.#read();
  }

  async #read(): Promise<void> {
    this.#isReading = true;
    clearTimeout(this.#retry);
    try {
      while (this.#isStale && !this.#closed) {
        this.#isStale = false;
        await this.#step();
      }
    } catch (error) {
      // It may have been made anew, with sequences that begin again.
      this.#isDoubtful = true;
      if (!this.#closed) this.#later(error);
    } finally {
      this.#isReading = false;
    }
  }

  #later(error: unknown): void {
    this.#logger.debug({ error }, 'the live stream cannot be read; trying again');
    this.#retry = setTimeout(() => this.#wake(), RETRY_MS);
  }

  async #step(): Promise<void> {
    if (this.#isDoubtful) await this.#requireSame();
    const entries = await this.#readOn();
    for (const entry of entries) {
      if (this.#closed) return;
      this.#last = entry;
      this.#reader.onEntry({ seq: Number(entry.sequence), payload: entry.payload });
    }
    if (entries.length === READ_ENTRIES) this.#isStale = true;
  }

  async #readOn(): Promise<readonly LogEntry[]> {
    try {
      return await this.#log.read(this.#last?.sequence ?? 0n, READ_ENTRIES);
    } catch (error) {
      if (!(error instanceof LogError) || error.code !== 'LOG_REWOUND') throw error;
      this.#reset();
      return this.#log.read(0n, READ_ENTRIES);
    }
  }

  /** A stream that was lost and filled again has another message in this place, or none. */
  async #requireSame(): Promise<void> {
    const last = this.#last;
    const now = last === undefined ? undefined : await this.#log.readAt(last.sequence);
    this.#isDoubtful = false;
    if (last !== undefined && now?.payload.equals(last.payload) !== true) this.#reset();
  }

  #reset(): void {
    this.#last = undefined;
    this.#isStale = true;
    this.#reader.onReset();
  }
}

class StreamOfTopics implements NatsLiveStream {
  readonly #link: NatsLink;
  readonly #logger: Logger;
  readonly #client: JetStreamClient;
  readonly #manager: Promise<JetStreamManager>;
  readonly #log: JetStreamLog;
  readonly #followers = new Set<Follower>();

  constructor({ link, logger }: NatsLiveStreamDeps) {
    this.#link = link;
    this.#logger = logger;
    this.#client = jetstream(link.connection);
    this.#manager = jetstreamManager(link.connection, { checkAPI: false });
    this.#log = createJetStreamLog({ link, logger }, { name: LIVE_LOG });
  }

  async append(topic: string, after: number, payload: Buffer): Promise<number | undefined> {
    const subject = liveSubject(topic);
    try {
      return await this.#publish(subject, after, payload);
    } catch (error) {
      if (!isConflict(error)) throw error;
    }
    // What was the last message may be forgotten by now, and then nobody was faster.
    if (after === 0 || (await this.#hasAny(subject))) return undefined;
    try {
      return await this.#publish(subject, 0, payload);
    } catch (error) {
      if (isConflict(error)) return undefined;
      throw error;
    }
  }

  follow(reader: LiveReader): Subscription {
    const follower = new Follower(this.#log, this.#link, reader, this.#logger);
    this.#followers.add(follower);
    return {
      unsubscribe: () => {
        follower.close();
        this.#followers.delete(follower);
      },
    };
  }

  async close(): Promise<void> {
    for (const follower of this.#followers) follower.close();
    this.#followers.clear();
    await this.#log.close();
  }

  async #publish(subject: string, lastSubjectSequence: number, payload: Buffer): Promise<number> {
    const { seq } = await this.#client.publish(subject, payload, {
      timeout: ACK_TIMEOUT_MS,
      expect: { lastSubjectSequence },
    });
    return seq;
  }

  async #hasAny(subject: string): Promise<boolean> {
    const { streams } = await this.#manager;
    return (await streams.getMessage(LIVE_LOG, { last_by_subj: subject })) !== null;
  }
}

export const createNatsLiveStream = (deps: NatsLiveStreamDeps): NatsLiveStream => new StreamOfTopics(deps);
