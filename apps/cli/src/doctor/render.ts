/** The findings of `otedama doctor` as text of at most 100 columns. */
import type { DoctorFinding } from '@otedama/native';

const COLUMNS = 100;
const STATE_COLUMNS = 13;
const COLOURS: Readonly<Record<DoctorFinding['state'], number>> = {
  ok: 32,
  degraded: 33,
  unavailable: 31,
  unknown: 90,
};
const STATES = ['ok', 'degraded', 'unavailable', 'unknown'] as const;

/** Lines of whole words; a word longer than a line has one to itself. */
const wrap = (text: string, columns: number): string[] => {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= columns)
      lines.splice(-1, 1, `${last} ${word}`);
    else lines.push(word);
  }
  return lines;
};

export const renderFindings = (findings: readonly DoctorFinding[], coloured: boolean): string => {
  const indent = ' '.repeat(STATE_COLUMNS);
  const paint = (state: DoctorFinding['state'], text: string): string =>
    coloured ? `\u001b[${COLOURS[state]}m${text}\u001b[0m` : text;
  const block = ({ state, title, cause, effect, remedy }: DoctorFinding): string[] => [
    `${paint(state, state.padEnd(STATE_COLUMNS))}${title}`,
    ...wrap(`${cause} ${effect}`, COLUMNS - STATE_COLUMNS).map((line) => indent + line),
    // Not wrapped: the core keeps commands short enough, and one that is broken cannot be copied.
    ...remedy.map((line) => `${indent}> ${line}`),
  ];
  const counts = STATES.map((state) => ({
    state,
    count: findings.filter((finding) => finding.state === state).length,
  }));
  const summary = counts
    .filter(({ count }) => count > 0)
    .map(({ state, count }) => paint(state, `${count} ${state}`))
    .join(', ');
  const hint = findings.some(({ remedy }) => remedy.length > 0) ? ' Lines after > are for a root shell.' : '';
  return [...findings.flatMap(block), '', `${summary}.${hint}`].join('\n');
};
