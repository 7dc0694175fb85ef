/** What gas costs now, and what a transaction that is to replace another must offer. */
import type { EthereumNode } from './node.ts';
import type { GasPrice } from './transfer.ts';

/** Nodes want a tenth more of a replacement; with an eighth the rounding of none of them matters. */
const BUMP_NUMERATOR = 9n;
const BUMP_DENOMINATOR = 8n;

const atLeast = (a: bigint, b: bigint): bigint => (a > b ? a : b);
const bumped = (perGas: bigint): bigint =>
  (perGas * BUMP_NUMERATOR + BUMP_DENOMINATOR - 1n) / BUMP_DENOMINATOR + 1n;

export const currentPrice = async (node: EthereumNode): Promise<GasPrice> => {
  const { baseFeePerGas } = await node.tip();
  if (baseFeePerGas === undefined) return { kind: 'legacy', perGas: atLeast(await node.gasPrice(), 1n) };
  const tipPerGas = atLeast(await node.priorityFee(), 1n);
  // The base fee can double within six full blocks.
  return { kind: 'eip1559', maxPerGas: 2n * baseFeePerGas + tipPerGas, tipPerGas };
};

export const replacementPrice = (stuck: GasPrice, current: GasPrice): GasPrice => {
  if (stuck.kind === 'legacy') {
    // What was offered before the chain had a base fee is still judged by its one price.
    const now = current.kind === 'legacy' ? current.perGas : current.maxPerGas;
    return { kind: 'legacy', perGas: atLeast(bumped(stuck.perGas), now) };
  }
  const [maxNow, tipNow] =
    current.kind === 'eip1559' ? [current.maxPerGas, current.tipPerGas] : [current.perGas, current.perGas];
  return {
    kind: 'eip1559',
    maxPerGas: atLeast(bumped(stuck.maxPerGas), maxNow),
    tipPerGas: atLeast(bumped(stuck.tipPerGas), tipNow),
  };
};
