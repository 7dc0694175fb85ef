/** What accounting says of access as a whole: kept for a moment, asked for again when it no longer suffices. */
import type { Access, AccessState, Clock } from '@otedama/contracts';
import { type JWTVerifyGetKey, createLocalJWKSet, decodeProtectedHeader } from 'jose';

/** A first user is made once in the life of a pool: until then, so long may pass before it counts. */
const KEPT_WITHOUT_USERS_MS = 1_000;
/** Keys are made anew four times a year, and taken away after a leak. */
const KEPT_MS = 30_000;
/** Tokens with made-up key ids do not make us ask for each. */
const UNKNOWN_KEY_PAUSE_MS = 1_000;

export interface StateReader {
  hasUsers(): Promise<boolean>;
  /** Undefined: no token can be of this header. */
  keysFor(token: string): Promise<JWTVerifyGetKey | undefined>;
}

interface Kept extends AccessState {
  readonly atMs: number;
  readonly keySet: JWTVerifyGetKey;
}

const kidOf = (token: string): string | undefined => {
  try {
    return decodeProtectedHeader(token).kid;
  } catch (error) {
    // What jose throws for text that is no token.
    if (error instanceof TypeError) return undefined;
    throw error;
  }
};

export function createStateReader(queries: Pick<Access, 'state'>, clock: Clock): StateReader {
  let kept: Kept | undefined;
  let asking: Promise<Kept> | undefined;

  const ask = async (): Promise<Kept> => {
    const state = await queries.state();
    kept = { ...state, atMs: clock(), keySet: createLocalJWKSet({ keys: state.keys }) };
    return kept;
  };
  const read = (lifeMs: number): Promise<Kept> => {
    if (kept !== undefined && Math.abs(clock() - kept.atMs) < lifeMs) return Promise.resolve(kept);
    asking ??= ask().finally(() => {
      asking = undefined;
    });
    return asking;
  };
  return {
    // Users are never removed: once there is one, there always is.
    hasUsers: async () => kept?.hasUsers === true || (await read(KEPT_WITHOUT_USERS_MS)).hasUsers,
    async keysFor(token) {
      const kid = kidOf(token);
      if (kid === undefined) return undefined;
      const isKnown = ({ keys }: Kept): boolean => keys.some((key) => key.kid === kid);
      const state = await read(KEPT_MS);
      if (isKnown(state)) return state.keySet;
      const later = await read(UNKNOWN_KEY_PAUSE_MS);
      return isKnown(later) ? later.keySet : undefined;
    },
  };
}
