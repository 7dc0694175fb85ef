import type { AdmissionLimits } from './admission.ts';

/** The defaults of the gateway for 10,000 connections. */
export const DEFAULT_LIMITS: AdmissionLimits = {
  places: 10_000,
  reservedPlaces: 1_000,
  handshakes: 8_000,
  workers: 10_000,
  reservedWorkers: 1_000,
  client: {
    connections: 512,
    connectionsPerSecond: 50,
    workers: 1_024,
    accounts: 256,
    pace: { messagesPerSecond: 1_000, messageBurst: 20_000, bytesPerSecond: 1 << 20, byteBurst: 1 << 25 },
  },
  site: { connections: 4_096, connectionsPerSecond: 200 },
  session: { messagesPerSecond: 20, messageBurst: 2_000, bytesPerSecond: 16_384, byteBurst: 524_288 },
  provenFactor: 5,
  handshakePatienceMs: 5_000,
  strangerPatienceMs: 600_000,
  creditHalfLifeMs: 3_600_000,
  maxRemembered: 1_000,
};
