/**
 * The login that the `mining.*` dialects share: subscribe and authorize sent together, answered in either
 * order. What a subscription gives a session of its own, its extranonce, has a form for each dialect.
 */
import type { Reply } from '../message.ts';
import { parseError, parseName } from './parse.ts';
import { type ClientTurn, closeClient, enter, fault } from './step.ts';

/** Ids of the handshake. */
export const LoginId = {
  configure: 1,
  subscribe: 2,
  authorize: 3,
  suggestDifficulty: 4,
  extranonce: 5,
} as const;

export interface MiningLogin<Extranonce> {
  /** For the next job. */
  extranonce: Extranonce | undefined;
  authorized: boolean;
  subscription: string | undefined;
}

export const NO_LOGIN = { extranonce: undefined, authorized: false, subscription: undefined } as const;

export const encodeRequest = (id: number, method: string, params: unknown): string =>
  `${JSON.stringify({ id, method, params })}\n`;

/** The id beside `mining.notify`: a list of pairs, or the one pair itself. */
const parseSubscription = (subscriptions: unknown): string | undefined => {
  if (!Array.isArray(subscriptions)) return undefined;
  const pairs = (Array.isArray(subscriptions[0]) ? subscriptions : [subscriptions]) as unknown[];
  for (const pair of pairs) {
    if (!Array.isArray(pair) || pair[0] !== 'mining.notify') continue;
    const id = parseName(pair[1]);
    if (id !== undefined) return id;
  }
  return undefined;
};

export interface LoginHandlers<Own> {
  readonly replies: Readonly<Record<number, (turn: ClientTurn<Own>, reply: Reply) => void>>;
  /** mining.set_extranonce: holds from the next job on. */
  setExtranonce(turn: ClientTurn<Own>, params: unknown): void;
}

/**
 * `parse` reads what follows the subscriptions in the reply to mining.subscribe, or stands in
 * mining.set_extranonce. `startWork` is called once logged in: a job may have come before.
 */
export const loginHandlers = <Extranonce, Own extends MiningLogin<Extranonce>>(
  parse: (values: readonly unknown[]) => Extranonce | undefined,
  startWork: (turn: ClientTurn<Own>) => void,
): LoginHandlers<Own> => {
  const loginOf = (turn: ClientTurn<Own>): MiningLogin<Extranonce> => turn.draft.own;

  const proceed = (turn: ClientTurn<Own>): void => {
    const { extranonce, authorized, subscription } = loginOf(turn);
    if (turn.draft.phase !== 'handshake' || !authorized || extranonce === undefined) return;
    enter(turn, subscription);
    startWork(turn);
  };

  const onSubscribed = (turn: ClientTurn<Own>, reply: Reply): void => {
    if (reply.error !== null) return closeClient(turn, 'subscribe-refused', parseError(reply.error).text);
    const [subscriptions, ...values] = (Array.isArray(reply.result) ? reply.result : []) as unknown[];
    const extranonce = Array.isArray(reply.result) ? parse(values) : undefined;
    if (extranonce === undefined) return closeClient(turn, 'extranonce-unusable');
    const login = loginOf(turn);
    login.subscription = parseSubscription(subscriptions);
    login.extranonce = extranonce;
    proceed(turn);
  };

  const onAuthorized = (turn: ClientTurn<Own>, reply: Reply): void => {
    if (reply.error !== null || reply.result === false) {
      return closeClient(turn, 'unauthorized', parseError(reply.error).text);
    }
    loginOf(turn).authorized = true;
    proceed(turn);
  };

  return {
    replies: {
      [LoginId.subscribe]: onSubscribed,
      [LoginId.authorize]: onAuthorized,
      [LoginId.suggestDifficulty]: () => undefined,
      [LoginId.extranonce]: () => undefined,
    },
    setExtranonce: (turn, params) => {
      const extranonce = parse((Array.isArray(params) ? params : []) as unknown[]);
      if (extranonce === undefined) return fault(turn, 'bad-params');
      loginOf(turn).extranonce = extranonce;
      proceed(turn);
    },
  };
};
