/** The fleet's side of the bus. An entry of its own, so that the embedded mode loads no NATS client. */
export { type NatsDeps, type NatsLink, type NatsOptions, type NatsState, connectNats } from './connection.ts';
export { NatsClient, type NatsClientOptions } from './client.ts';
export { NatsServer, type NatsServerOptions } from './server.ts';
export { type RemoteValidationOptions, createRemoteValidation } from './validation-client.ts';
export { type ServedValidation, type ServeValidationOptions, serveValidation } from './validation-server.ts';
export {
  type JetStreamLog,
  type JetStreamLogDeps,
  type JetStreamLogOptions,
  createJetStreamLog,
} from './log/jetstream-log.ts';
export { type NatsLiveStream, type NatsLiveStreamDeps, createNatsLiveStream } from './live/live-stream.ts';
export { type StreamOptions, ensureStreams } from './streams.ts';
export {
  type EventCodec,
  type NatsLastValueBus,
  type NatsLastValueBusDeps,
  type NatsLastValueBusOptions,
  createNatsLastValueBus,
} from './last-value/last-value-bus.ts';
export { type Lease, type LeaseDeps, type LeaseEvents, type LeaseOptions, createLease } from './kv/lease.ts';
export { type Presence, type PresenceDeps, type PresenceOptions, createPresence } from './kv/presence.ts';
export {
  type BlockAllocator,
  type BlockAllocatorDeps,
  type BlockAllocatorOptions,
  ExtranonceError,
  type ExtranonceErrorCode,
  createBlockAllocator,
} from './extranonce/block-allocator.ts';
export type { Extranonce1Size, ExtranonceBlock } from './extranonce/space.ts';
export {
  type CredentialFile,
  type FleetServerOptions,
  type UserKey,
  credentialFileOf,
  generateFleetCredentials,
} from './credentials/credentials.ts';
export {
  ADMIN,
  FLEET_SERVICES,
  type FleetService,
  type FleetUser,
  type Permissions,
  fleetPermissions,
  inboxPrefix,
} from './credentials/permissions.ts';
