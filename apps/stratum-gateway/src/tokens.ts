/** Injection tokens of this app. */
export const STRATUM_GATEWAY = Symbol('StratumGateway');
