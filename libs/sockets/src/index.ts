export type { Arrival } from './arrival.ts';
export { type Listener, type ListenOptions, listen } from './listen.ts';
export { type Crowd, Pace, type PaceClock, type PaceOptions } from './pace.ts';
