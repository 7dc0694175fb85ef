/**
 * The real helm on the chart of this repository. Its subcharts come from registries that a test does not reach, and
 * helm renders nothing while a declared one is missing. So the tests have a copy without the declarations, which is
 * what helm itself makes of the chart when every condition is false; nothing is shown about the subcharts.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { REPOSITORY, findProgram, missingComponent, scratchDirectory } from '@otedama/test-harness';
import { parseAllDocuments, parseDocument } from 'yaml';

export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
}

export interface ValueSet {
  readonly name: string;
  readonly path: string;
}

export interface Rendering {
  readonly values: ValueSet;
  readonly kubeVersion: string;
  readonly namespace?: string;
  readonly release?: string;
}

const MAX_OUTPUT_BYTES = 1 << 26;

export const helm = (): string | undefined => findProgram([join(REPOSITORY, '.tools/bin/helm')]);

const sets = (folder: string): ValueSet[] =>
  readdirSync(join(REPOSITORY, folder))
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => ({
      name: basename(file, '.yaml').replace(/-values$/, ''),
      path: join(REPOSITORY, folder, file),
    }));

/** Those that the chart itself is tried with (`ct` finds them there), and those that stretch it. */
export const valueSets = (): ValueSet[] => [...sets('helm/otedama/ci'), ...sets('test/deploy/values')];

/** What makes a rendering one: a chart that says a thing twice, or no YAML, has to fail. */
export const readObjects = (text: string): KubernetesObject[] =>
  parseAllDocuments(text).flatMap((document) => {
    const [problem] = [...document.errors, ...document.warnings];
    if (problem !== undefined) throw problem;
    const object: unknown = document.toJS();
    return object === null ? [] : [object as KubernetesObject];
  });

export class Chart implements Disposable {
  readonly #scratch = scratchDirectory('chart');
  readonly #folder = join(this.#scratch.path, 'otedama');

  constructor() {
    cpSync(join(REPOSITORY, 'helm/otedama'), this.#folder, { recursive: true });
    rmSync(join(this.#folder, 'charts'), { recursive: true, force: true });
    const file = join(this.#folder, 'Chart.yaml');
    const chart = parseDocument(readFileSync(file, 'utf8'));
    chart.delete('dependencies');
    writeFileSync(file, chart.toString());
  }

  /** What it says of the chart; throws where helm is not content. */
  lint({ values, kubeVersion }: Rendering): string {
    const options = ['--values', values.path, '--kube-version', kubeVersion];
    return this.#run('lint', '--strict', ...options, this.#folder);
  }

  render(rendering: Rendering): KubernetesObject[] {
    const { values, kubeVersion, namespace = 'mining', release = 'pool' } = rendering;
    const options = ['--namespace', namespace, '--values', values.path, '--kube-version', kubeVersion];
    return readObjects(this.#run('template', release, this.#folder, ...options));
  }

  /** How helm refuses values; undefined when it takes them. */
  refusalOf(...settings: readonly string[]): string | undefined {
    const values = settings.flatMap((setting) => ['--set-json', setting]);
    try {
      this.#run('template', 'pool', this.#folder, '--kube-version', '1.30', ...values);
      return undefined;
    } catch (error) {
      return String(error);
    }
  }

  [Symbol.dispose](): void {
    this.#scratch.remove();
  }

  #run(...args: readonly string[]): string {
    const program = helm();
    if (program === undefined) throw missingComponent('helm');
    // Nothing of whoever runs the tests: no plugins, no registries that he knows.
    const env = { ...process.env, HELM_CONFIG_HOME: this.#scratch.path, HELM_DATA_HOME: this.#scratch.path };
    const done = spawnSync(program, args, { encoding: 'utf8', maxBuffer: MAX_OUTPUT_BYTES, env });
    if (done.status !== 0) throw new Error(`helm ${args[0]}: ${done.stderr}${done.stdout}`);
    return done.stdout;
  }
}
