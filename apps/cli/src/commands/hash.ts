/** `otedama hash <algo> <hex>`: the digest in display order, for people and for conformance tests. */
import { type Algorithm, hash } from '@otedama/native';
import { usage } from '../failure.ts';

const HEADER_BYTES = 80;
const algorithms: readonly string[] = ['sha256d', 'scrypt'] satisfies readonly Algorithm[];
const isAlgorithm = (text: string): text is Algorithm => algorithms.includes(text);

export const hashCommand = async (args: readonly string[]): Promise<void> => {
  const [algorithm = '', hex = '', ...extra] = args;
  if (!isAlgorithm(algorithm))
    throw usage(`hash: unknown algorithm '${algorithm}'; one of ${algorithms.join(', ')}`);
  if (extra.length > 0) throw usage('hash: one hex string expected');
  if (!/^([0-9a-f]{2})+$/i.test(hex)) throw usage('hash: the input must be an even number of hex digits');
  if (hex.length !== 2 * HEADER_BYTES)
    throw usage(`hash: ${algorithm} takes ${HEADER_BYTES} bytes, got ${hex.length / 2}`);
  process.stdout.write(`${hash(algorithm, Buffer.from(hex, 'hex')).reverse().toString('hex')}\n`);
};
