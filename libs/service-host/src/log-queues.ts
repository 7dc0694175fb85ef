/** What waits in this process for a durable log to take it. */
import { Gauge, type Registry } from 'prom-client';

/** Shows a log from now on. */
export type ShowLog = (stream: string, waiting: () => number) => void;

export const registerLogQueues = (registry: Registry): ShowLog => {
  const logs = new Map<string, () => number>();
  const entries: Gauge<'stream'> = new Gauge({
    name: 'otedama_bus_log_waiting_entries',
    help: 'Entries that were given to a durable log and that it has not acknowledged; at 4096 more are refused.',
    labelNames: ['stream'],
    registers: [registry],
    collect() {
      for (const [stream, waiting] of logs) entries.set({ stream }, waiting());
    },
  });
  return (stream, waiting) => void logs.set(stream, waiting);
};
