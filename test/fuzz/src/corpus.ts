/** The kept inputs of a codec: `corpus/<codec>.json`, a list of texts with one character per byte. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

/** Small enough to read in a review. */
const MAX_INPUTS = 100;
const MAX_INPUT_BYTES = 400;

const fileOf = (codec: string): URL => new URL(`../corpus/${codec}.json`, import.meta.url);

export const readCorpus = (codec: string): readonly Buffer[] => {
  if (!existsSync(fileOf(codec))) return [];
  const texts = JSON.parse(readFileSync(fileOf(codec), 'utf8')) as readonly string[];
  return texts.map((text) => Buffer.from(text, 'latin1'));
};

/** Adds what is new, up to the limits. */
export const writeCorpus = (codec: string, inputs: readonly Buffer[]): void => {
  const texts = new Set(readCorpus(codec).map((input) => input.toString('latin1')));
  for (const input of inputs) {
    if (texts.size < MAX_INPUTS && input.length <= MAX_INPUT_BYTES) texts.add(input.toString('latin1'));
  }
  const lines = Array.from(texts, (text) => `  ${JSON.stringify(text)}`);
  writeFileSync(fileOf(codec), `[\n${lines.join(',\n')}\n]\n`);
};
