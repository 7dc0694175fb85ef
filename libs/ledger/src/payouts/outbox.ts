/**
 * The outbox between the books and the wallets. Each method is one transaction or one statement, and those that move
 * a batch do it under its row lock and from the states they name: two that work on one batch cannot both move it.
 */
import type { Payee, SignedTransaction } from '@otedama/payouts';
import { type Kysely, sql } from 'kysely';
import type { Page } from '../reports/workers.ts';
import type { PayoutState, Schema } from '../schema.ts';
import { type Debt, lastPlanning, type Owed, plannedSince, readDebts, sumDebts } from './debts.ts';
import { approve, awaitApproval, cancel, type Decision, noteBatch, planSoon, retry } from './moves.ts';
import { type Observation, observe } from './observe.ts';
import { passPlanning, planBatch, type PlannedBatch, type PlanningResult } from './plan-batch.ts';
import {
  type PayoutFilter,
  type PayoutReport,
  type RefusedAccount,
  reportPayouts,
  reportRefusals,
} from './reports.ts';
import { openBatches, type PayoutBatch, type PayoutChain } from './rows.ts';
import { type PayoutWish, storeWish } from './settings.ts';
import { handOver, markReleased, storeReplacement, storeSigned, unreleased } from './transactions.ts';

export interface PayoutOutbox {
  debts(chain: PayoutChain): Promise<readonly Debt[]>;
  /** All of them together. */
  owed(chain: PayoutChain): Promise<Owed>;
  lastPlanning(chain: PayoutChain): Promise<number | undefined>;
  plannedSince(chain: PayoutChain, sinceMs: number): Promise<bigint>;
  plan(chain: PayoutChain, batch: PlannedBatch, atMs: number): Promise<bigint>;
  passPlanning(chain: PayoutChain, result: PlanningResult, atMs: number): Promise<void>;
  /** Whatever may still change, oldest first. */
  open(chain: PayoutChain): Promise<readonly PayoutBatch[]>;
  payees(batchId: bigint): Promise<readonly Payee[]>;
  approve(batchId: bigint, decision: Decision): Promise<void>;
  awaitApproval(batchId: bigint, decision: Decision): Promise<void>;
  storeSigned(batchId: bigint, transaction: SignedTransaction, atMs: number): Promise<void>;
  storeReplacement(
    batchId: bigint,
    stuck: Pick<SignedTransaction, 'txid'>,
    transaction: SignedTransaction,
    atMs: number,
  ): Promise<void>;
  handOver(batchId: bigint, txid: string, atMs: number): Promise<void>;
  observe(observation: Observation): Promise<PayoutState>;
  note(batchId: bigint, note: string): Promise<void>;
  cancel(batchId: bigint, finalConfirmations: number, decision: Decision): Promise<void>;
  retry(batchId: bigint, decision: Decision): Promise<void>;
  planSoon(chain: PayoutChain, decision: Required<Pick<Decision, 'by' | 'atMs'>>): Promise<void>;
  unreleased(chain: PayoutChain): Promise<readonly (SignedTransaction & { readonly batchId: bigint })[]>;
  markReleased(batchId: bigint, txid: string, atMs: number): Promise<void>;
  storeWish(chain: PayoutChain, wish: PayoutWish, atMs: number): Promise<boolean>;
  list(filter: PayoutFilter, page: Page): Promise<readonly PayoutReport[]>;
  refusals(pools: readonly string[]): Promise<readonly RefusedAccount[]>;
}

const readPayees = async (db: Kysely<Schema>, batchId: bigint): Promise<readonly Payee[]> => {
  const { rows } = await sql<{ address: string; amount: string }>`
    SELECT address, amount FROM payout_payee WHERE batch_id = ${batchId} ORDER BY ordinal`.execute(db);
  return rows.map(({ address, amount }) => ({ address, amountAtomic: BigInt(amount) }));
};

export const createPayoutOutbox = (db: Kysely<Schema>): PayoutOutbox => ({
  debts: (chain) => readDebts(db, chain),
  owed: (chain) => sumDebts(db, chain),
  lastPlanning: (chain) => lastPlanning(db, chain),
  plannedSince: (chain, sinceMs) => plannedSince(db, chain, sinceMs),
  plan: (chain, batch, atMs) => planBatch(db, chain, batch, atMs),
  passPlanning: (chain, result, atMs) => passPlanning(db, chain, result, atMs),
  open: (chain) => openBatches(db, chain),
  payees: (batchId) => readPayees(db, batchId),
  approve: (batchId, decision) => approve(db, batchId, decision),
  awaitApproval: (batchId, decision) => awaitApproval(db, batchId, decision),
  storeSigned: (batchId, transaction, atMs) => storeSigned(db, batchId, transaction, atMs),
  storeReplacement: (batchId, stuck, transaction, atMs) =>
    storeReplacement(db, batchId, stuck, transaction, atMs),
  handOver: (batchId, txid, atMs) => handOver(db, batchId, txid, atMs),
  observe: (observation) => observe(db, observation),
  note: (batchId, note) => noteBatch(db, batchId, note),
  cancel: (batchId, finalConfirmations, decision) => cancel(db, batchId, finalConfirmations, decision),
  retry: (batchId, decision) => retry(db, batchId, decision),
  planSoon: (chain, decision) => planSoon(db, chain, decision),
  unreleased: (chain) => unreleased(db, chain),
  markReleased: (batchId, txid, atMs) => markReleased(db, batchId, txid, atMs),
  storeWish: (chain, wish, atMs) => storeWish(db, chain, wish, atMs),
  list: (filter, page) => reportPayouts(db, filter, page),
  refusals: (pools) => reportRefusals(db, pools),
});
