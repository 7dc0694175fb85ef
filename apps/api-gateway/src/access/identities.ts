/** Who stands behind a session or a key: asked of accounting, and kept so briefly that a revocation counts at once. */
import type { Access, Clock, IdentifyRequest } from '@otedama/contracts';

import type { Identity } from '../http/identity.ts';

/** How long somebody is let in after it was put out. */
const KEPT_MS = 2_000;
/** Nobody has so many people and programs at once; the oldest is asked for again. */
const MAX_KEPT = 2_000;

interface Kept {
  readonly identity: Identity;
  readonly untilMs: number;
}

export interface Identities {
  /** What is known without asking. */
  peek(request: IdentifyRequest): Identity | undefined;
  find(request: IdentifyRequest): Promise<Identity | undefined>;
  /** Somebody has just been put out here. */
  forget(): void;
}

const nameOf = (request: IdentifyRequest): string =>
  request.kind === 'session' ? request.sessionId : request.digestHex;

export function createIdentities(queries: Pick<Access, 'identify'>, clock: Clock): Identities {
  const kept = new Map<string, Kept>();
  const peek = (request: IdentifyRequest): Identity | undefined => {
    const found = kept.get(nameOf(request));
    return found !== undefined && clock() < found.untilMs ? found.identity : undefined;
  };
  return {
    peek,
    async find(request) {
      const known = peek(request);
      if (known !== undefined) return known;
      const name = nameOf(request);
      kept.delete(name);
      const { identity: found } = await queries.identify(request);
      if (found === undefined) return undefined;
      const identity: Identity =
        request.kind === 'session' ? { ...found, sessionId: request.sessionId } : found;
      kept.set(name, { identity, untilMs: clock() + KEPT_MS });
      for (const oldest of kept.keys()) {
        if (kept.size <= MAX_KEPT) break;
        kept.delete(oldest);
      }
      return identity;
    },
    forget: () => kept.clear(),
  };
}
