export { noLessons, type PayoutContext, type PayoutTerms } from './context.ts';
export { runRound } from './engine.ts';
export { openWallets } from './open-wallets.ts';
export { createPayoutWishes, type PayoutWishes } from './wishes.ts';
export { createPayoutDesk, type PayoutDesk } from './desk.ts';
export { makePlan } from './plan-next.ts';
export { createPayouts, type PayoutDeps, type PayoutTask, type Payouts } from './payouts.ts';
