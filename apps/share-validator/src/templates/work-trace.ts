/** The beginning of a trace: what was heard of a tip, the template that was asked for, the job that came of it. */
import type { Span, TraceContext, Tracer } from '@otedama/contracts';
import type { TemplateSource } from '../metrics.ts';
import type { Publication } from './job-publisher.ts';

export interface WorkTrace {
  /** Of the job: what it leads to belongs to it. Undefined when nothing is traced. */
  readonly context: TraceContext | undefined;
  /** The job is given out. */
  end(facts: { readonly height: number; readonly jobKey: number }): void;
}

const traceTemplate = (tracer: Tracer, parent: Span, { origin }: Publication): TraceContext | undefined => {
  const { daemon, way = 'kept', askedMs } = origin ?? {};
  const template = tracer.start('template', {
    parent: parent.context,
    kind: 'client',
    startMs: askedMs ?? tracer.now(),
    fields: { daemon, way },
  });
  template.end();
  return template.context;
};

const RENEWALS: ReadonlySet<TemplateSource> = new Set(['refresh', 'failover', 'aux', 'payees', 'takeover']);

/** What only renews work begins with the refresh: people look for tips. */
export const traceWork = (tracer: Tracer, pool: string, how: Publication): WorkTrace => {
  const { source, cleanJobs, sinceMs } = how;
  const name = cleanJobs || !RENEWALS.has(source) ? 'tip' : 'refresh';
  const news = tracer.start(name, { startMs: sinceMs, fields: { pool, source } });
  const job = tracer.start('job', {
    parent: traceTemplate(tracer, news, how),
    kind: 'producer',
    fields: { pool },
  });
  return {
    context: job.context,
    end(facts) {
      job.set(facts);
      job.end();
      news.set({ height: facts.height });
      news.end();
    },
  };
};
