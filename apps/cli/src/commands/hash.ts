/**
 * `otedama hash <algo>`: one hash, or one for each line of JSON on standard input. For people and for conformance
 * tests. Header hashes are printed in display order, the others as their algorithm gives them.
 */
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { hash, hashBlob, hashSeal } from '@otedama/native';
import { CommandFailure, usage } from '../failure.ts';
import {
  type HashAlgorithm,
  type HashRequest,
  RequestError,
  hashAlgorithms,
  isHashAlgorithm,
  parseHashLine,
  parseHashRequest,
} from '../hash/request.ts';

interface HashAnswer {
  readonly hash: string;
  readonly mix?: string;
}

const answer = async (request: HashRequest): Promise<HashAnswer> => {
  switch (request.family) {
    case 'header':
      return { hash: hash(request.algorithm, request.header).reverse().toString('hex') };
    case 'seal': {
      const proof = await hashSeal(request.algorithm, request.headerHash, request.block, request.nonce);
      return { hash: proof.hash.toString('hex'), mix: proof.mix.toString('hex') };
    }
    case 'blob':
      return { hash: (await hashBlob(request.algorithm, request.blob, request.seed)).toString('hex') };
  }
};

const answerLine = async (
  algorithm: HashAlgorithm,
  line: string,
): Promise<HashAnswer | { error: string }> => {
  try {
    return await answer(parseHashRequest(algorithm, parseHashLine(line)));
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
};

/** One answer a line, in order; a bad line gets its error and the next one is read. */
const answerLines = async (algorithm: HashAlgorithm): Promise<void> => {
  const lines = createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY });
  for await (const line of lines) {
    process.stdout.write(`${JSON.stringify(await answerLine(algorithm, line))}\n`);
  }
};

const options = {
  nonce: { type: 'string' },
  block: { type: 'string' },
  seed: { type: 'string' },
  v2: { type: 'boolean' },
  stdin: { type: 'boolean' },
} as const;

export const hashCommand = async (args: readonly string[]): Promise<void> => {
  const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
  const [algorithm = '', input, ...extra] = positionals;
  if (!isHashAlgorithm(algorithm))
    throw usage(`hash: unknown algorithm '${algorithm}'; one of ${hashAlgorithms.join(', ')}`);
  const { stdin, ...fields } = values;
  if (stdin === true) {
    if (input !== undefined || Object.keys(fields).length > 0)
      throw usage('hash: with --stdin everything is read from standard input');
    await answerLines(algorithm);
    return;
  }
  if (input === undefined || extra.length > 0) throw usage('hash: one hex string expected');
  try {
    const { hash: digest, mix } = await answer(parseHashRequest(algorithm, { input, ...fields }));
    process.stdout.write(mix === undefined ? `${digest}\n` : `mix  ${mix}\nhash ${digest}\n`);
  } catch (error) {
    if (error instanceof RequestError) throw usage(`hash: ${error.message}`);
    // What the native core refuses has a code: an unknown epoch, no memory for a cache.
    if (error instanceof Error && 'code' in error) throw new CommandFailure(`hash: ${error.message}`);
    throw error;
  }
};
