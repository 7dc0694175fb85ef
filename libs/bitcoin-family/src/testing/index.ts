export { type AuxPowClaim, findAuxPowFault, parseAuxPow, type ParsedAuxPow } from './aux-pow.ts';
