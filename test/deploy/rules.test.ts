/** The alert and recording rules of the chart, judged by Prometheus' own tool on series that were made up for each. */
import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { REPOSITORY, describeWith, promtoolProgram } from '@otedama/test-harness';

const RULES = join(REPOSITORY, 'helm/otedama/rules');
const TESTS = join(REPOSITORY, 'test/deploy/rules');
const run = promisify(execFile);
/** Some alerts are a day in coming, minute by minute. */
const JUDGED_MS = 60_000;

const filesIn = (folder: string): string[] => readdirSync(folder).filter((name) => name.endsWith('.yaml'));

describeWith('promtool', promtoolProgram())('the rules', () => {
  const promtool = async (...args: readonly string[]): Promise<string> => {
    const program = promtoolProgram();
    if (program === undefined) throw new Error('promtool is missing');
    const { stdout, stderr } = await run(program, args).catch((error: unknown) => {
      const { stdout: said = '', stderr: complained = '' } = error as { stdout?: string; stderr?: string };
      throw new Error(`${said}${complained}`);
    });
    return stdout + stderr;
  };

  it.each(filesIn(RULES))('%s is what Prometheus takes', async (name) => {
    expect(await promtool('check', 'rules', '--lint-fatal', join(RULES, name))).toContain('SUCCESS');
  });

  it.each(filesIn(TESTS))(
    '%s: each alert speaks when it must, and of nothing else',
    async (name) => {
      expect(await promtool('test', 'rules', join(TESTS, name))).toContain('SUCCESS');
    },
    JUDGED_MS,
  );
});
