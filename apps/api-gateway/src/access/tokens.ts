/** Tokens of accounting, checked by its public keys: one algorithm, one issuer, one purpose each. */
import {
  ACCESS_AUDIENCE,
  COMMAND_AUDIENCE,
  type Clock,
  DEVICE_AUDIENCE,
  TOKEN_ALGORITHM,
  TOKEN_ISSUER,
} from '@otedama/contracts';
import { type JWTPayload, errors, jwtVerify } from 'jose';
import { z } from 'zod';

import type { StateReader } from './access-state.ts';

/** Ours are half as long. */
const MAX_TOKEN_CHARS = 1_024;

const accessClaims = z.object({ sub: z.string(), sid: z.uuid() });
const deviceClaims = z.object({ sub: z.string(), jti: z.uuid() });
const commandClaims = z.object({ sub: z.string(), name: z.string() });

export interface TokenReader {
  /** The session that an access token names; undefined: it is none of ours, or not any more. */
  session(token: string): Promise<string | undefined>;
  /** The device that has logged in to this account before. */
  device(token: string, name: string): Promise<string | undefined>;
  /** The user of an operating system, one of whose commands may read the keys and made it. */
  command(token: string): Promise<{ readonly id: string; readonly name: string } | undefined>;
}

export function createTokenReader(state: Pick<StateReader, 'keysFor'>, clock: Clock): TokenReader {
  const verify = async (token: string, audience: string): Promise<JWTPayload | undefined> => {
    if (token.length > MAX_TOKEN_CHARS) return undefined;
    const keys = await state.keysFor(token);
    if (keys === undefined) return undefined;
    try {
      const options = { issuer: TOKEN_ISSUER, audience, algorithms: [TOKEN_ALGORITHM] };
      return (await jwtVerify(token, keys, { ...options, currentDate: new Date(clock()) })).payload;
    } catch (error) {
      if (error instanceof errors.JOSEError) return undefined;
      throw error;
    }
  };
  return {
    session: async (token) => accessClaims.safeParse(await verify(token, ACCESS_AUDIENCE)).data?.sid,
    async device(token, name) {
      const claims = deviceClaims.safeParse(await verify(token, DEVICE_AUDIENCE)).data;
      return claims?.sub === name ? claims.jti : undefined;
    },
    async command(token) {
      const claims = commandClaims.safeParse(await verify(token, COMMAND_AUDIENCE)).data;
      return claims && { id: claims.sub, name: claims.name };
    },
  };
}
