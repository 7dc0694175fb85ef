export type { Arrival } from './arrival.ts';
export { type Listener, type ListenOptions, listen } from './listen.ts';
export { type Crowd, Pace, type PaceClock, type PaceOptions } from './pace.ts';
export type { PacedSocket } from './paced-socket.ts';
export { PacedSockets } from './paced-sockets.ts';
export { type PeerListener, type PeerSocket, silentListener } from './peers/peer-socket.ts';
export { StreamPeer } from './peers/stream-peer.ts';
export { Peers } from './peers/peers.ts';
