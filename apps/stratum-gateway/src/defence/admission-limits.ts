/** From what an operator sets to the numbers that the budgets work with. */
import type { DefenceConfig, StratumConfig } from '@otedama/config';
import type { AdmissionLimits, PaceRates } from '@otedama/edge';
import type { GatewayLimits } from '../limits.ts';
import { affordableConnections } from './descriptors.ts';

type Fixed = Pick<
  GatewayLimits,
  | 'messageBurstSeconds'
  | 'byteBurstSeconds'
  | 'addressBurstSeconds'
  | 'provenPaceFactor'
  | 'handshakePatienceMs'
  | 'strangerPatienceMs'
  | 'creditHalfLifeMs'
  | 'maxRememberedOrigins'
>;

interface Rates {
  readonly messagesPerSecond: number;
  readonly bytesPerSecond: number;
}

const pace = (rates: Rates, messageSeconds: number, byteSeconds: number): PaceRates => ({
  ...rates,
  messageBurst: rates.messagesPerSecond * messageSeconds,
  byteBurst: rates.bytesPerSecond * byteSeconds,
});

/** `descriptors`: undefined where the system does not tell how many there are. */
export const admissionLimits = (
  { address, network, session, handshakeShare, reserveShare }: DefenceConfig,
  { maxConnections, maxWorkers }: StratumConfig,
  fixed: Fixed,
  descriptors: number | undefined,
): AdmissionLimits => {
  const affordable = descriptors === undefined ? maxConnections : affordableConnections(descriptors);
  const places = Math.min(maxConnections, affordable);
  const { addressBurstSeconds } = fixed;
  return {
    places,
    reservedPlaces: Math.floor(places * reserveShare),
    handshakes: Math.ceil(places * handshakeShare),
    workers: maxWorkers,
    reservedWorkers: Math.floor(maxWorkers * reserveShare),
    client: { ...address, pace: pace(address, addressBurstSeconds, addressBurstSeconds) },
    site: network,
    session: pace(session, fixed.messageBurstSeconds, fixed.byteBurstSeconds),
    provenFactor: fixed.provenPaceFactor,
    handshakePatienceMs: fixed.handshakePatienceMs,
    strangerPatienceMs: fixed.strangerPatienceMs,
    creditHalfLifeMs: fixed.creditHalfLifeMs,
    maxRemembered: fixed.maxRememberedOrigins,
  };
};

/** Connections that may wait before the door: of what the system lets us have open, what the places leave. */
export const waitingPlaces = (
  places: number,
  { minWaiting, maxWaiting }: Pick<GatewayLimits, 'minWaiting' | 'maxWaiting'>,
  descriptors: number | undefined,
): number =>
  descriptors === undefined
    ? maxWaiting
    : Math.min(maxWaiting, Math.max(minWaiting, affordableConnections(descriptors) - places));
