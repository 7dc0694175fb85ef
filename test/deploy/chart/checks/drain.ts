/**
 * That a pod is given the time that its service takes to hand over its work. A gateway sends its miners away within that
 * time, however many it has: too short a time is a storm for the gateways that they come to.
 */
import { parse } from 'yaml';
import { type Manifest, componentOf } from '../manifest.ts';
import { configurationOf } from './files.ts';

/** What is left for the process itself, from its last step to its exit. */
const MARGIN_SECONDS = 5;
/** One gateway takes them all, where there are two; measured by test/load/sessions.ts, it takes more. */
const MOVED_PER_SECOND = 100;
const DEFAULT_MAX_CONNECTIONS = 10_000;

interface Configuration {
  readonly service: { readonly drain_time: string };
  readonly pool?: { readonly max_connections?: number };
}

export const checkDrain = (manifest: Manifest): string[] =>
  manifest.of('Deployment', 'StatefulSet').flatMap(({ kind, metadata }) => {
    const workload = manifest.workloads.find(
      (one) => one.kind === kind && one.metadata.name === metadata.name,
    );
    if (workload === undefined) return [];
    const { containers, terminationGracePeriodSeconds = 30 } = workload.spec.template.spec;
    const configuration = parse(configurationOf(manifest, workload) ?? '') as Configuration;
    const drainSeconds = Number.parseInt(configuration.service.drain_time, 10);
    const sleeps = containers.map(({ lifecycle }) => lifecycle?.preStop?.sleep?.seconds ?? 0);
    const problems = [];
    if (terminationGracePeriodSeconds < Math.max(...sleeps) + drainSeconds + MARGIN_SECONDS)
      problems.push('it is killed before it has handed over its work');
    if (componentOf(workload) === 'stratum-gateway') {
      const miners = configuration.pool?.max_connections ?? DEFAULT_MAX_CONNECTIONS;
      if (drainSeconds * MOVED_PER_SECOND < miners)
        problems.push(`it sends ${miners} miners away in ${drainSeconds} seconds`);
      // Until it is told to all machines that it takes no more miners, they still come.
      if (Math.max(...sleeps) === 0) problems.push('it stops before the load balancer knows');
    }
    return problems.map((problem) => `${kind} ${metadata.name}: ${problem}`);
  });
