/** Keeps the session of this page alive while somebody looks at it, and tells who uses it. */
import {
  type Credentials,
  type LoginReply,
  type Who,
  fetchWho,
  logIn,
  logOut,
  refreshSession,
} from '../api/session.ts';

export interface AccountDeps {
  readonly api: {
    readonly fetchWho: typeof fetchWho;
    readonly logIn: typeof logIn;
    readonly logOut: typeof logOut;
    readonly refreshSession: typeof refreshSession;
  };
  /** Whether this browser has logged in; whoever has not is not asked for tokens that are not there. */
  readonly memory: { isLoggedIn(): boolean; set(isLoggedIn: boolean): void };
  readonly isVisible: () => boolean;
  readonly now: () => number;
  readonly onWho: (who: Who | undefined) => void;
}

export const sessionApi: AccountDeps['api'] = { fetchWho, logIn, logOut, refreshSession };

/** An access token lasts ten minutes. */
const REFRESH_MS = 8 * 60_000;

export class Account {
  readonly #deps: AccountDeps;
  #refreshedAtMs = Number.NEGATIVE_INFINITY;
  #isBusy = false;

  constructor(deps: AccountDeps) {
    this.#deps = deps;
  }

  async start(): Promise<void> {
    await this.keepAlive();
    await this.look();
  }

  async look(): Promise<void> {
    this.#deps.onWho(await this.#deps.api.fetchWho());
  }

  /** Called now and then, and when the page is looked at again: a page that nobody sees lets its session end. */
  async keepAlive(): Promise<void> {
    const { api, memory, isVisible, now } = this.#deps;
    const isDue = now() - this.#refreshedAtMs >= REFRESH_MS;
    if (this.#isBusy || !isDue || !isVisible() || !memory.isLoggedIn()) return;
    this.#isBusy = true;
    const isAlive = await api.refreshSession();
    this.#isBusy = false;
    this.#refreshedAtMs = now();
    if (isAlive) return;
    memory.set(false);
    await this.look();
  }

  async logIn(credentials: Credentials): Promise<LoginReply> {
    const reply = await this.#deps.api.logIn(credentials);
    if (reply.kind === 'done') {
      this.#refreshedAtMs = this.#deps.now();
      this.#deps.memory.set(true);
      await this.look();
    }
    return reply;
  }

  /** Also where the API is away the page forgets; its cookies then end by themselves. */
  async logOut(): Promise<void> {
    const { api, memory } = this.#deps;
    await api.logOut();
    memory.set(false);
    await this.look();
  }
}
