/** What a Dockerfile says of the image that it makes: of its last stage, and of the base that it names. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY } from '@otedama/test-harness';

export interface ImageConfig {
  readonly env: Readonly<Record<string, string>>;
  readonly user: string;
  readonly ports: readonly number[];
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  readonly healthcheck: readonly string[];
}

interface Instruction {
  readonly word: string;
  readonly rest: string;
}

const folder = join(REPOSITORY, 'docker');
const BASE = 'base';

export const dockerfiles = (): string[] =>
  readdirSync(folder)
    .filter((file) => file.endsWith('.Dockerfile'))
    .map((file) => join(folder, file));

/** Every image that somebody runs. */
export const imageNames = (): string[] =>
  dockerfiles()
    .map((file) => /([a-z-]+)\.Dockerfile$/.exec(file)?.[1] ?? '')
    .filter((name) => name !== BASE);

const lastStage = (name: string): Instruction[] => {
  const lines = readFileSync(join(folder, `${name}.Dockerfile`), 'utf8')
    .replaceAll(/^#.*\n/gm, '')
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
    .filter((line) => line !== '');
  const instructions = lines.map((line) => {
    const [word = '', ...rest] = line.split(' ');
    return { word, rest: rest.join(' ') };
  });
  return instructions.slice(instructions.findLastIndex(({ word }) => word === 'FROM'));
};

const find = (stage: readonly Instruction[], word: string): string =>
  stage.findLast((instruction) => instruction.word === word)?.rest ?? '';

const list = (text: string): string[] => {
  const start = text.indexOf('[');
  return start === -1 ? [] : (JSON.parse(text.slice(start)) as string[]);
};

export const imageConfig = (name: string): ImageConfig => {
  const stage = [...lastStage(BASE), ...lastStage(name)];
  const env = stage
    .filter(({ word }) => word === 'ENV')
    .flatMap(({ rest }) => rest.split(' '))
    .map((pair) => pair.split('=') as [string, string]);
  return {
    env: Object.fromEntries(env),
    user: find(stage, 'USER'),
    ports: find(stage, 'EXPOSE').split(' ').filter(Boolean).map(Number),
    entrypoint: list(find(stage, 'ENTRYPOINT')),
    command: list(find(stage, 'CMD')),
    healthcheck: list(find(stage, 'HEALTHCHECK')),
  };
};

/** What the image itself runs while it is made: nothing may, it has no shell. */
export const stepsOf = (name: string): string[] => lastStage(name).map(({ word }) => word);
