/**
 * mining.configure (BIP310): a list of extensions, a map of their parameters; the result names every one of
 * them. Unknown extensions are `false`, which is the answer the BIP has for them.
 */
import { MAX_ID_CHARS, type Request, formatHex32, printableAgent, refuse, setFloor } from '@otedama/stratum';
import { MAX_EXTENSIONS } from '../../limits.ts';
import { introduce, leastDifficulty } from '../introduce.ts';
import { respond } from '../respond.ts';
import type { SessionTurn } from '../types.ts';
import { applyMask, offerDifficulty } from '../work-flow.ts';

type Parameters = Readonly<Record<string, unknown>>;
/** Members of the result object: `true`, `false`, or what went wrong. */
type Results = Map<string, boolean | string>;
type Extension = (turn: SessionTurn, parameters: Parameters, results: Results) => void;

const FULL_MASK = 0xffffffff;

/** TMask has eight digits; firmware that drops leading zeros or adds a prefix is understood as well. */
const parseMask = (value: unknown): number | undefined => {
  if (value === undefined || value === null) return FULL_MASK;
  const digits = typeof value === 'string' ? /^(?:0x)?([0-9a-f]{1,8})$/i.exec(value)?.[1] : undefined;
  return digits === undefined ? undefined : Number.parseInt(digits, 16);
};

/** `min-bit-count` is a diagnosis only: a miner that gets fewer bits than it wants goes on with less. */
const versionRolling: Extension = (turn, parameters, results) => {
  const requested = parseMask(parameters['version-rolling.mask']);
  if (requested === undefined) {
    results.set('version-rolling', 'version-rolling.mask must be 8 hex digits');
    return;
  }
  const granted = applyMask(turn.session, requested);
  results.set('version-rolling', granted !== 0);
  if (granted !== 0) results.set('version-rolling.mask', formatHex32(granted));
  // Who was told "no" must not hear of masks later.
  else turn.session.versionRolling = undefined;
};

const minimumDifficulty: Extension = (turn, parameters, results) => {
  const { vardiff } = turn.session;
  const value = Number(parameters['minimum-difficulty.value'] ?? Number.NaN);
  if (!Number.isFinite(value) || value < 0) {
    results.set('minimum-difficulty', 'minimum-difficulty.value must be a number');
    return;
  }
  if (value > vardiff.options.maximumDifficulty) {
    results.set('minimum-difficulty', 'above the maximum of this pool');
    return;
  }
  results.set('minimum-difficulty', true);
  const floor = Math.max(value, leastDifficulty(turn.session));
  if (setFloor(vardiff, floor, turn.nowMs) && turn.session.jobs.length > 0) offerDifficulty(turn);
};

const extensions: ReadonlyMap<string, Extension> = new Map<string, Extension>([
  ['version-rolling', versionRolling],
  ['minimum-difficulty', minimumDifficulty],
  [
    'subscribe-extranonce',
    (turn, _parameters, results): void => {
      turn.session.takesExtranonce = true;
      results.set('subscribe-extranonce', true);
    },
  ],
  [
    'info',
    (turn, parameters, results): void => {
      if (turn.session.agent === '') introduce(turn, printableAgent(parameters['info.sw-version']));
      results.set('info', true);
    },
  ],
]);

const isExtensionList = (value: unknown): value is readonly string[] =>
  Array.isArray(value) &&
  value.length <= MAX_EXTENSIONS &&
  value.every((code) => typeof code === 'string' && code !== '' && code.length <= MAX_ID_CHARS);

export const configure = (turn: SessionTurn, request: Request): void => {
  const { params } = request;
  const codes: unknown = Array.isArray(params) ? params[0] : undefined;
  const given: unknown = Array.isArray(params) ? (params[1] ?? {}) : undefined;
  if (!isExtensionList(codes) || typeof given !== 'object' || given === null) {
    refuse(turn, request, 'bad-params', 'a list of extensions and a map of parameters expected');
    return;
  }
  const results: Results = new Map();
  // The result goes out first: what an extension changes may need a job to be given again.
  const later: SessionTurn = { ...turn, effects: [] };
  for (const code of new Set(codes)) {
    const extension = extensions.get(code);
    if (extension === undefined) results.set(code, false);
    else extension(later, given as Parameters, results);
  }
  const members = Array.from(results, ([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`);
  respond(turn, request, `{${members.join(',')}}`);
  turn.effects.push(...later.effects);
};
