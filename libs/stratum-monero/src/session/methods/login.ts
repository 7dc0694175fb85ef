/** login: who a miner is, what it can hash, and at which difficulty it would like to begin. */
import {
  type Request,
  admit,
  applyPassword,
  fitsAgent,
  printableAgent,
  refuse,
  reserveReply,
  setFloor,
  suggestDifficulty,
} from '@otedama/stratum';
import { supports } from '../../jobs/algorithm.ts';
import { type Params, paramsOf } from '../params.ts';
import type { Session, SessionTurn } from '../types.ts';
import { confirmLogin } from '../work-flow.ts';

const PROXY_AGENT = /^xmr-node-proxy/i;
/** `address+5000`, with a worker name on either side of it. */
const DIFFICULTY = /\+(\d{1,15})(?=$|[./_])/;
const HAS_WORKER = /[./_]/;

interface Identity {
  readonly user: string;
  /** The miner's own difficulty; undefined if it names none. */
  readonly difficulty: number | undefined;
}

/** `rigid` names the worker where the login does not. */
const identify = (login: string, rigid: unknown): Identity => {
  const digits = DIFFICULTY.exec(login)?.[1];
  const text = login.replace(DIFFICULTY, '').trim();
  const named = typeof rigid !== 'string' || rigid === '' || HAS_WORKER.test(text);
  return {
    user: named ? text : `${text}.${rigid}`,
    difficulty: digits === undefined || Number(digits) === 0 ? undefined : Number(digits),
  };
};

const chooseDifficulty = (
  session: Session,
  own: number | undefined,
  password: unknown,
  nowMs: number,
): void => {
  const { vardiff, agent, env } = session;
  applyPassword(session, password, nowMs);
  if (own !== undefined) {
    setFloor(vardiff, Math.max(vardiff.floor, own), nowMs);
    suggestDifficulty(vardiff, own, nowMs);
  }
  const known = env.agentMinimums.find((minimum) => fitsAgent(minimum.agent, agent));
  if (known !== undefined) setFloor(vardiff, Math.max(vardiff.floor, known.difficulty), nowMs);
};

const isSelfSelect = (params: Params): boolean => params['mode'] === 'self-select';
const isProxy = (params: Params): boolean => PROXY_AGENT.test(printableAgent(params['agent']));

/** Why a login is out of the question, whoever it is from. */
const refuseEarly = (turn: SessionTurn, request: Request, params: Params): boolean => {
  const { session } = turn;
  const { stoppedReason, work } = session;
  if (session.loggingIn !== undefined) refuse(turn, request, 'asked-too-often');
  else if (isSelfSelect(params) && session.env.selfSelect === undefined) {
    refuse(turn, request, 'bad-params', 'self-select is not offered, connect in the usual mode');
  } else if (isSelfSelect(params) && isProxy(params)) {
    refuse(turn, request, 'bad-params', 'self-select is for miners, not for proxies');
  } else if (session.id !== undefined && isSelfSelect(params) !== session.isSelfSelect) {
    refuse(turn, request, 'bad-params', 'the mode of a connection does not change');
  } else if (stoppedReason !== undefined) refuse(turn, request, 'work-stopped', stoppedReason);
  else if (work !== undefined && !supports(params['algo'], work.algorithm)) {
    refuse(turn, request, 'algorithm-not-offered', work.algorithm);
  } else return false;
  return true;
};

const enter = (
  turn: SessionTurn,
  request: Request,
  { user, difficulty }: Identity,
  params: Params,
): boolean => {
  const { session } = turn;
  const known = session.accounts.has(user);
  // One connection is one miner here: shares do not say whose they are.
  if (!known && session.accounts.size > 0) {
    refuse(turn, request, 'too-many-workers');
    return false;
  }
  const admission = admit(turn, session.env, user);
  if (!admission.ok) {
    refuse(turn, request, admission.reason, admission.detail);
    return false;
  }
  if (known) return true;
  session.agent = printableAgent(params['agent']);
  session.isProxy = isProxy(params);
  session.isSelfSelect = isSelfSelect(params);
  chooseDifficulty(session, difficulty, params['pass'], turn.nowMs);
  return true;
};

export const login = (turn: SessionTurn, request: Request): void => {
  const { session } = turn;
  const params = paramsOf(request);
  if (params === undefined || typeof params['login'] !== 'string') {
    refuse(turn, request, 'bad-params', 'login expected');
    return;
  }
  if (refuseEarly(turn, request, params)) return;
  if (!enter(turn, request, identify(params['login'], params['rigid']), params)) return;
  const ticket = reserveReply(turn);
  if (ticket === undefined) return;
  session.loggingIn = { ticket, id: request.id, algorithms: params['algo'] };
  if (!session.leaseAsked) {
    session.leaseAsked = true;
    turn.effects.push({ kind: 'lease', sessionId: undefined });
  }
  confirmLogin(turn);
};
