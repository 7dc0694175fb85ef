/** The streams of a fleet, made by the one who may: its administrator. */
import { ADMIN, connectNats, ensureStreams } from '@otedama/bus/nats';
import type { NatsConfig } from '@otedama/config';
import type { Logger } from '@otedama/contracts';
import { natsOptions } from '@otedama/service-host';

export const ensureFleetStreams = async (
  config: NatsConfig,
  deps: { readonly logger: Logger; readonly signal?: AbortSignal },
): Promise<void> => {
  const link = await connectNats(natsOptions(config, ADMIN, 'fleet'), deps);
  try {
    await ensureStreams(link, { replicas: config.replicas });
  } finally {
    await link.close();
  }
};
