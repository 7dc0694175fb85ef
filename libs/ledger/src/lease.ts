/**
 * Which of several processes keeps the books: the one whose session holds an advisory lock. It is a matter of
 * peace, not of safety: two that book at once come to the same books (work/share-booker.ts), but the standby
 * would read and add up everything for nothing.
 */
import type { Pool, PoolClient } from 'pg';

export interface BookingLease {
  /** True while it is ours; else tries to get it, at the cost of one small statement. */
  hold(): Promise<boolean>;
  release(): void;
}

/** "otedama" on a telephone keypad, and a number of this use. */
const LOCK_CLASS = 6_833_262;
const LOCK_OBJECT = 4;

class SessionLease implements BookingLease {
  readonly #pool: Pool;
  #client: PoolClient | undefined;

  constructor(pool: Pool) {
    this.#pool = pool;
  }

  async hold(): Promise<boolean> {
    if (this.#client !== undefined) return true;
    const client = await this.#pool.connect();
    try {
      const { rows } = await client.query<{ locked: boolean }>(
        'SELECT pg_try_advisory_lock($1, $2) AS locked',
        [LOCK_CLASS, LOCK_OBJECT],
      );
      if (rows[0]?.locked !== true) {
        client.release();
        return false;
      }
    } catch (error) {
      client.release(true);
      throw error;
    }
    this.#client = client;
    // The lock goes with its session.
    client.on('error', () => this.#drop(client));
    client.on('end', () => this.#drop(client));
    return true;
  }

  release(): void {
    if (this.#client !== undefined) this.#drop(this.#client);
  }

  #drop(client: PoolClient): void {
    if (this.#client !== client) return;
    this.#client = undefined;
    client.release(true);
  }
}

export const createBookingLease = (pool: Pool): BookingLease => new SessionLease(pool);
