export { Loopback, type LoopbackOptions } from './loopback.ts';
export { CLIENT_OPTIONS, type ClientRequest, Probe, onlyWork, requestsOf, worksOf } from './probe.ts';
