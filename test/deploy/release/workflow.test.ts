import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY, describeWith, findProgram } from '@otedama/test-harness';
import { parse } from 'yaml';

interface Step {
  readonly uses?: string;
  readonly run?: string;
}
interface Job {
  readonly needs?: string | readonly string[];
  readonly if?: string;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly steps: readonly Step[];
  readonly strategy?: { readonly matrix: Readonly<Record<string, unknown>> };
}
interface Workflow {
  readonly permissions: Readonly<Record<string, string>>;
  readonly env: { readonly IMAGES: string };
  readonly jobs: Readonly<Record<string, Job>>;
}

const file = join(REPOSITORY, '.github/workflows/release.yml');
const text = readFileSync(file, 'utf8');
const workflow = parse(text) as Workflow;
const jobs = Object.entries(workflow.jobs);
const needsOf = ({ needs = [] }: Job): readonly string[] => (typeof needs === 'string' ? [needs] : needs);

/** Everything that has to end well before this job. */
const before = (name: string): Set<string> => {
  const found = new Set<string>();
  const add = (one: string): void => {
    for (const need of needsOf(workflow.jobs[one] ?? { steps: [] })) {
      found.add(need);
      add(need);
    }
  };
  add(name);
  return found;
};

describe('the workflow of a release', () => {
  it('gives each job the rights that it says, and none by default', () => {
    expect(workflow.permissions).toEqual({});
    for (const [, { permissions }] of jobs) expect(permissions).toBeDefined();
  });

  it('writes anywhere only for a tag, after every test', () => {
    const writing = jobs.filter(([, { permissions = {} }]) =>
      ['contents', 'packages'].some((scope) => permissions[scope] === 'write'),
    );
    expect(writing.map(([name]) => name)).toEqual(['platform-images', 'images', 'publish']);
    for (const [name, job] of writing) {
      expect(job.if).toBe("github.ref_type == 'tag'");
      expect([...before(name)]).toEqual(expect.arrayContaining(['check', 'addons', 'services', 'artefacts']));
    }
    expect(JSON.stringify(workflow.jobs['check'])).toContain('npm test');
  });

  it('builds, signs and names the same images', () => {
    const named = workflow.jobs['images']?.strategy?.matrix['name'];
    expect(workflow.env.IMAGES.split(' ')).toEqual(named);
    for (const name of workflow.env.IMAGES.split(' ')) {
      expect(existsSync(join(REPOSITORY, 'docker', `${name}.Dockerfile`))).toBe(true);
    }
  });

  it('keeps no secret: who it is, is proven by the workflow itself', () => {
    expect(text).not.toContain('secrets.');
  });

  it('takes every action at a commit or a version', () => {
    const used = jobs.flatMap(([, { steps }]) => steps.flatMap(({ uses }) => uses ?? []));
    expect(used.length).toBeGreaterThan(10);
    for (const action of used) expect(action).toMatch(/@(?:[0-9a-f]{40}|v\d+(?:\.\d+)*)$/);
  });

  it('builds the addon for every target of the package', () => {
    const { napi } = JSON.parse(readFileSync(join(REPOSITORY, 'native/package.json'), 'utf8')) as {
      napi: { targets: string[] };
    };
    const rows = workflow.jobs['addons']?.strategy?.matrix['include'] as readonly { target: string }[];
    expect(rows.map(({ target }) => target).sort()).toEqual(napi.targets.toSorted());
  });
});

const actionlint = findProgram([join(REPOSITORY, '.tools/bin/actionlint'), 'actionlint']);

describeWith('actionlint and shellcheck', findProgram(['shellcheck']) && actionlint)('actionlint', () => {
  it('finds nothing to say about the workflow and its scripts', () => {
    const { stdout, status } = spawnSync(actionlint ?? '', ['-shellcheck=shellcheck', file], {
      encoding: 'utf8',
    });
    expect({ stdout, status }).toEqual({ stdout: '', status: 0 });
  });
});
