/** The trace of a message, as its header carries it. */
import { TRACE_HEADER, type TraceContext } from '@otedama/contracts';
import { type MsgHdrs, headers } from '@nats-io/transport-node';

/** For the options of a publication. */
export const traceHeaders = (trace: TraceContext | undefined): { readonly headers?: MsgHdrs } => {
  if (trace === undefined) return {};
  const own = headers();
  own.set(TRACE_HEADER, trace);
  return { headers: own };
};
