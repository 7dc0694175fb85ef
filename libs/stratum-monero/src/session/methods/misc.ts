/** getjob, and the sign of life that miners send once a minute. */
import { type Request, answer, refuse } from '@otedama/stratum';
import { STATUS_KEEPALIVED, encodeResult } from '../../codec/encode.ts';
import { supports } from '../../jobs/algorithm.ts';
import { isForeign, paramsOf } from '../params.ts';
import type { SessionTurn } from '../types.ts';
import { jobText } from '../work-flow.ts';

/** The job that the miner has already, once more. A proxy also says so that its algorithms have changed. */
export const getJob = (turn: SessionTurn, request: Request): void => {
  const { session } = turn;
  const params = paramsOf(request) ?? {};
  const job = session.jobs.at(-1);
  if (session.id === undefined) refuse(turn, request, 'not-subscribed');
  else if (isForeign(session, params)) refuse(turn, request, 'unknown-session');
  else if (session.stoppedReason !== undefined || job === undefined) {
    refuse(turn, request, 'work-stopped', session.stoppedReason);
  } else if (!supports(params['algo'], job.work.algorithm)) {
    refuse(turn, request, 'algorithm-not-offered', job.work.algorithm);
  } else answer(turn, encodeResult(request.id, jobText(session, job)));
};

export const keepAlive = (turn: SessionTurn, request: Request): void => {
  if (isForeign(turn.session, paramsOf(request) ?? {})) refuse(turn, request, 'unknown-session');
  else answer(turn, encodeResult(request.id, STATUS_KEEPALIVED));
};
