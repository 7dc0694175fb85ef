import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { REPOSITORY, type Scratch, scratchDirectory } from '@otedama/test-harness';

const GIT_CLIFF = join(REPOSITORY, 'node_modules/.bin/git-cliff');
const CONVENTIONAL =
  /^(?:feat|fix|perf|docs|test|refactor|build|ci|chore|style|revert)(?:\([a-z0-9-]+\))?!?: \S/;

describe('the changelog', () => {
  let scratch: Scratch;
  const git = (...args: string[]): string =>
    execFileSync('git', ['-c', 'user.name=Ann', '-c', 'user.email=ann@example.org', ...args], {
      cwd: scratch.path,
      encoding: 'utf8',
      env: { ...process.env, GIT_COMMITTER_DATE: '2026-01-02T00:00:00Z', GIT_CONFIG_GLOBAL: '/dev/null' },
    });
  const commit = (message: string): void =>
    void git('commit', '--quiet', '--allow-empty', '--message', message);
  const cliff = (...args: string[]): string =>
    execFileSync(GIT_CLIFF, ['--config', join(REPOSITORY, 'cliff.toml'), ...args], {
      cwd: scratch.path,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });

  beforeAll(() => {
    scratch = scratchDirectory('changelog');
    git('init', '--quiet');
    commit('feat(bus): carry commands');
    git('tag', 'v1.0.0');
    commit('fix(ledger): book a late block');
    commit('test(ledger): book it twice');
    commit('perf: judge shares faster');
    commit('feat(config)!: name every pool\n\nBREAKING CHANGE: pool.name is gone, write pool.id');
  });
  afterAll(() => scratch.remove());

  it('has what users notice of each release, and what breaks, and nothing else', () => {
    const text = cliff('--tag', 'v1.1.0')
      .replaceAll(/\([0-9a-f]{8}\)/g, '(#)')
      .replace(/^(## 1\.1\.0) \(.*\)$/m, '$1 (today)');
    expect(text).toMatchInlineSnapshot(`
"# Changelog

Made from the commits of each release by git-cliff; do not edit.


## 1.1.0 (today)

### New

- **breaking** config: name every pool: pool.name is gone, write pool.id (#)

### Fixed

- ledger: book a late block (#)

### Faster

- judge shares faster (#)

## 1.0.0 (2026-01-02)

### New

- bus: carry commands (#)
"
`);
  });

  it('gives the notes of one release alone', () => {
    const notes = cliff('--unreleased', '--tag', 'v1.1.0', '--strip', 'header');
    expect(notes).toContain('book a late block');
    expect(notes).not.toContain('carry commands');
  });

  it('can read every commit since this is here', () => {
    const subjects = execFileSync('git', ['log', '--format=%s', '-200'], {
      cwd: REPOSITORY,
      encoding: 'utf8',
    });
    expect(
      subjects
        .trim()
        .split('\n')
        .filter((subject) => !CONVENTIONAL.test(subject)),
    ).toEqual([]);
  });
});
