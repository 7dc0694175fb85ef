/** Every attack, in the order in which they are played. */
import type { Attack } from '../attack.ts';
import { cacheBusting } from './cache-busting.ts';
import { connectAndClose } from './connect-and-close.ts';
import { connectAndStay } from './connect-and-stay.ts';
import { endlessLines } from './endless-lines.ts';
import { giantLines } from './giant-lines.ts';
import { httpConnections } from './http-connections.ts';
import { headerInjection } from './http-headers.ts';
import { httpJsonBombs } from './http-json-bombs.ts';
import { slowBodies, slowHeaders } from './http-slow.ts';
import { invalidShareAttacks } from './invalid-shares.ts';
import { jsonBombs } from './json-bombs.ts';
import { jwtTampering } from './jwt-tampering.ts';
import { loginBruteForce, loginFromOneAddress } from './login-brute-force.ts';
import { loginFlood } from './login-flood.ts';
import { messageFlood, slowReaders } from './message-flood.ts';
import { neighboursFlood } from './neighbours-flood.ts';
import { pathTraversal } from './path-traversal.ts';
import { ownSharesAgain, sharesOfAnother } from './replayed-shares.ts';
import { proxySpoofing } from './proxy-spoofing.ts';
import { requestFlood } from './request-flood.ts';
import { slowLines } from './slow-lines.ts';
import { sqlInjection } from './sql-injection.ts';
import { websocketConnections, websocketMessages, websocketSlowReaders } from './websocket-floods.ts';

export const attacks: readonly Attack[] = [
  // Before the ten minutes of a token are over.
  jwtTampering,
  loginBruteForce,
  loginFromOneAddress,
  slowLines,
  connectAndClose,
  connectAndStay,
  neighboursFlood,
  giantLines,
  endlessLines,
  jsonBombs,
  messageFlood,
  slowReaders,
  loginFlood,
  proxySpoofing,
  ownSharesAgain,
  sharesOfAnother,
  ...invalidShareAttacks,
  httpConnections,
  slowHeaders,
  slowBodies,
  headerInjection,
  pathTraversal,
  sqlInjection,
  httpJsonBombs,
  cacheBusting,
  requestFlood,
  websocketConnections,
  websocketMessages,
  websocketSlowReaders,
];
