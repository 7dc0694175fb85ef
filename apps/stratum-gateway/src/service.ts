/** The gateway as a service of the fleet: work from the last template, verdicts from any validator. */
import { randomBytes } from 'node:crypto';
import { createNatsLastValueBus, createRemoteValidation } from '@otedama/bus/nats';
import { TEMPLATES_STREAM, decodeTemplate, encodeTemplate } from '@otedama/contracts';
import { BlobTemplate } from '@otedama/native';
import { VERSION } from '@otedama/observability/version';
import type { ServiceHost } from '@otedama/service-host';
import { type StratumGateway, createGateway } from './gateway.ts';
import { StratumGatewayModule } from './stratum-gateway.module.ts';

const addHealth = ({ health }: ServiceHost, gateway: StratumGateway): void => {
  health.add('work', () => {
    const idle = gateway.status().pools.filter(({ jobHeight }) => jobHeight === undefined);
    return idle.length === 0
      ? { state: 'up' }
      : { state: 'degraded', reason: `no work for ${idle.map(({ poolId }) => poolId).join(', ')}` };
  });
};

export const startGatewayService = async (host: ServiceHost): Promise<void> => {
  const { config, logger, registry } = host;
  const link = await host.nats();
  const templates = createNatsLastValueBus(
    { link, logger, codec: { encode: encodeTemplate, decode: decodeTemplate } },
    { stream: TEMPLATES_STREAM },
  );
  host.onStop('templates', async () => templates.close());
  const gateway = createGateway(
    {
      validation: createRemoteValidation(link),
      templates,
      createBlobTemplate: (parts) => new BlobTemplate(parts),
      clock: Date.now,
      randomBytes,
      registry,
      logger,
    },
    { pools: config.pools, stratum: config.stratum, serverVersion: `otedama/${VERSION}` },
  );
  addHealth(host, gateway);
  host.onStop('sessions', () => gateway.stop());
  const listening = await gateway.start();
  logger.info({ listening }, 'listening');
  await host.serve(StratumGatewayModule.register(gateway));
};
