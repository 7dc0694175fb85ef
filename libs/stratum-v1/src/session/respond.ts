/** The plain reply of this dialect. */
import { type Request, answer } from '@otedama/stratum';
import { encodeResult } from '../codec/encode.ts';
import type { SessionTurn } from './types.ts';

/** `resultJson` is JSON text. */
export const respond = (turn: SessionTurn, request: Pick<Request, 'id'>, resultJson: string): void =>
  answer(turn, encodeResult(request.id, resultJson));
