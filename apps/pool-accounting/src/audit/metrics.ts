import { Counter, Gauge, type Registry } from 'prom-client';

export interface AuditMetrics {
  readonly entries: Counter;
  readonly failures: Counter;
  readonly head: Gauge;
}

export const createAuditMetrics = (registry: Registry): AuditMetrics => {
  const registers = [registry];
  return {
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
    head: new Gauge({
      name: 'otedama_audit_head_sequence',
      help: 'Number of the last entry of the audit log. It never falls.',
      registers,
    }),
  };
};
