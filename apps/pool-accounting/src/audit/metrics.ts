import { Counter, Gauge, type Registry } from 'prom-client';
import type { ReadLag } from '../log-lag.ts';

export interface AuditMetrics {
  readonly entries: Counter;
  readonly failures: Counter;
  readonly head: Gauge;
}

const registerLag = (registers: Registry[], readLag: ReadLag): void => {
  const lag: Gauge = new Gauge({
    name: 'otedama_audit_lag_entries',
    help: 'Events of the log AUDIT that are not in the chain yet; NaN before that is known.',
    registers,
    collect: async () => lag.set((await readLag()) ?? Number.NaN),
  });
};

export const createAuditMetrics = (registry: Registry, readLag: ReadLag): AuditMetrics => {
  const registers = [registry];
  registerLag(registers, readLag);
  const head = new Gauge({
    name: 'otedama_audit_head_sequence',
    help: 'Number of the last entry of the audit log. It never falls; NaN where it is not known, or another process keeps it.',
    registers,
  });
  // Zero would be a chain that has lost all of its entries.
  head.set(Number.NaN);
  return {
    head,
    entries: new Counter({
      name: 'otedama_audit_taken_total',
      help: 'Events of the log AUDIT that were moved into the chain.',
      registers,
    }),
    failures: new Counter({
      name: 'otedama_audit_failures_total',
      help: 'Times that the log AUDIT could not be moved into the chain and was tried again.',
      registers,
    }),
  };
};
