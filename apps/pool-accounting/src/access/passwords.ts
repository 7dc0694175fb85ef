/**
 * Hashes and checks passwords, two at a time and one on a small machine: each takes 128 MiB and half a second of a
 * core. Attempts from devices that have logged in before go first, so that a flood of strangers does not keep the owner
 * out; each lane has an end.
 */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { availableParallelism } from 'node:os';
import {
  decodePasswordRecord,
  encodePasswordRecord,
  HASH_BYTES,
  type PasswordRecord,
  SALT_BYTES,
  SCRYPT_COST,
  type ScryptCost,
} from '@otedama/access';
import { ScryptProcess } from './scrypt-process.ts';

export type PasswordVerdict = 'right' | 'wrong' | 'busy';

export interface Passwords {
  hash(password: string): Promise<string>;
  /** A record of nobody takes as long as one of somebody. */
  verify(password: string, record: string | undefined, isKnownDevice: boolean): Promise<PasswordVerdict>;
}

/** Half of the cores at most: on a machine that does everything, miners wait for the others. */
const AT_ONCE = availableParallelism() < 4 ? 1 : 2;
/** Who is last in a lane of strangers waits some seconds; who comes then is told to come again. */
const MAX_WAITING = 8;

/** One hash, of a normalised password. */
export type Derive = (password: string, salt: Buffer, cost: ScryptCost) => Promise<Buffer>;

/** As many processes as hashes at once; each has a hash to itself. */
const ownProcesses = (): Derive => {
  const idle: ScryptProcess[] = [];
  return async (password, salt, cost) => {
    const hasher = idle.pop() ?? new ScryptProcess();
    try {
      return await hasher.derive(password, salt, cost);
    } finally {
      idle.push(hasher);
    }
  };
};

class Lanes {
  readonly #atOnce: number;
  #running = 0;
  readonly #known: (() => void)[] = [];
  readonly #strangers: (() => void)[] = [];

  constructor(atOnce: number) {
    this.#atOnce = atOnce;
  }

  /** Undefined: too many wait. */
  async run<Value>(isKnown: boolean, work: () => Promise<Value>): Promise<Value | undefined> {
    const lane = isKnown ? this.#known : this.#strangers;
    if (this.#running >= this.#atOnce) {
      if (lane.length >= MAX_WAITING) return undefined;
      await new Promise<void>((resolve) => lane.push(resolve));
    } else {
      this.#running += 1;
    }
    try {
      return await work();
    } finally {
      const next = this.#known.shift() ?? this.#strangers.shift();
      // The place is handed on, or is free.
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }
}

export class PasswordsBusyError extends Error {
  override readonly name = 'PasswordsBusyError';
  readonly code = 'PASSWORDS_BUSY';
}

/** Nobody's: no password is known that it would fit. */
const recordOfNobody = (cost: ScryptCost): PasswordRecord => ({
  cost,
  salt: randomBytes(SALT_BYTES),
  hash: randomBytes(HASH_BYTES),
});

export const createPasswords = (
  cost: ScryptCost = SCRYPT_COST,
  atOnce = AT_ONCE,
  deriveWhole: Derive = ownProcesses(),
): Passwords => {
  const lanes = new Lanes(atOnce);
  // The same letters may be composed in several ways, by keyboard and system.
  const derive: Derive = (password, salt, at) => deriveWhole(password.normalize('NFKC'), salt, at);
  const nobody = recordOfNobody(cost);
  return {
    async hash(password) {
      const salt = randomBytes(SALT_BYTES);
      const hash = await lanes.run(true, () => derive(password, salt, cost));
      if (hash === undefined) throw new PasswordsBusyError('too many passwords are being hashed');
      return encodePasswordRecord({ cost, salt, hash });
    },
    async verify(password, text, isKnownDevice) {
      const record = (text === undefined ? undefined : decodePasswordRecord(text)) ?? nobody;
      const hash = await lanes.run(isKnownDevice, () => derive(password, record.salt, record.cost));
      if (hash === undefined) return 'busy';
      return timingSafeEqual(hash, record.hash) && record !== nobody ? 'right' : 'wrong';
    },
  };
};
