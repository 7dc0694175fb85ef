export { type Claim, ClaimError, claimDirectory } from './claim.ts';
export { bootId, processesIn, processStartTicks, signalProcess } from './processes.ts';
export { codeOf, hasCode } from './error-codes.ts';
export { giveWay, giveWayWithChildren } from './give-way.ts';
