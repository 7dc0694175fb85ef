export { type AuxPowClaim, findAuxPowFault, parseAuxPow, type ParsedAuxPow } from './aux-pow.ts';
export { type ParsedBlock, type ParsedTransaction, parseBlock, parseTransaction } from './parse-block.ts';
