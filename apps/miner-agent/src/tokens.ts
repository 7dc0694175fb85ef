export const MINER_AGENT = Symbol('MinerAgent');
