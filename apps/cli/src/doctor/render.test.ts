import type { DoctorFinding } from '@otedama/native';
import { renderFindings } from './render.ts';

const good: DoctorFinding = {
  id: 'numa',
  title: 'NUMA nodes',
  state: 'ok',
  cause: 'One node.',
  effect: 'Nothing to place.',
  remedy: [],
};
const command = `echo ${'1'.repeat(79)}`;
const bad: DoctorFinding = {
  id: 'huge-pages-2m',
  title: 'Reserved 2 MB pages',
  state: 'degraded',
  cause: 'Ten of twenty are free and the others are in use by programs that run on the same machine now.',
  effect: 'The rest depends on luck.',
  remedy: [command],
};

describe('findings as text', () => {
  it('aligns states, titles and wrapped text within 100 columns', () => {
    const text = renderFindings([good, bad], false);
    expect(text.split('\n')).toEqual([
      'ok           NUMA nodes',
      '             One node. Nothing to place.',
      'degraded     Reserved 2 MB pages',
      '             Ten of twenty are free and the others are in use by programs that run on the same',
      '             machine now. The rest depends on luck.',
      `             > ${command}`,
      '',
      '1 ok, 1 degraded. Lines after > are for a root shell.',
    ]);
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
  });

  it('says nothing of a root shell when there is nothing to do', () => {
    expect(renderFindings([good], false)).toMatch(/\n1 ok\.$/);
  });

  it('colours the states only, so that text can be copied', () => {
    const text = renderFindings([bad], true);
    expect(text.startsWith('\u001b[33mdegraded     \u001b[0mReserved 2 MB pages\n')).toBe(true);
    expect(text).toContain(`\n             > ${command}\n`);
  });
});
