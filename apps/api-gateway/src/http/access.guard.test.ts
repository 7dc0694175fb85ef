import { RequestMethod, type Type } from '@nestjs/common';
import { METHOD_METADATA } from '@nestjs/common/constants.js';

import { CONTROLLERS } from '../api-gateway.module.ts';
import type { NoteRefused } from './audited.ts';
import { createAccessGuard } from './access.guard.ts';
import { identityOf, remember, requiredRole } from './identity.ts';

/** Routes that change something for somebody who has no identity of this API yet, or another proof. */
const WITHOUT_ROLE: ReadonlySet<string> = new Set([
  // A message that is signed with the key of the miner's address.
  'MinersController.settings',
  // Whoever has the right name and password, or a refresh token, or a session to end.
  'SessionController.login',
  'SessionController.refresh',
  'SessionController.logout',
]);

const handlersOf = (controller: Type): { name: string; method: string; handler: object }[] =>
  Object.getOwnPropertyNames(controller.prototype).flatMap((property) => {
    const handler: unknown = Reflect.get(controller.prototype, property);
    if (typeof handler !== 'function' || !Reflect.hasMetadata(METHOD_METADATA, handler)) return [];
    const method = RequestMethod[Number(Reflect.getMetadata(METHOD_METADATA, handler))] ?? '';
    return [{ name: `${controller.name}.${property}`, method, handler }];
  });

const handlers = CONTROLLERS.flatMap(handlersOf);

it('has a role for every route that is not a GET, but for the listed ones', () => {
  const open = handlers.filter(
    ({ method, handler }) => method !== 'GET' && requiredRole(handler) === undefined,
  );
  expect(new Set(open.map(({ name }) => name))).toEqual(WITHOUT_ROLE);
  expect(handlers.filter(({ handler }) => requiredRole(handler) !== undefined).length).toBeGreaterThan(0);
});

it('refuses and notes a role below the one that the handler declares, and remembers who asks otherwise', async () => {
  const start = handlers.find(({ name }) => name === 'MiningController.start')?.handler;
  const request = { headers: {}, method: 'POST', url: '/api/mining/start?why=secret' };
  const noted: Parameters<NoteRefused>[1][] = [];
  const context = { getHandler: () => start, switchToHttp: () => ({ getRequest: () => request }) } as never;
  const as = (role: 'viewer' | 'operator' | 'admin') =>
    createAccessGuard({
      authenticate: async () => ({ kind: 'user', id: '1', name: 'ann', role }),
      rateLimiter: undefined,
      noteRefused: async (_, refused) => void noted.push(refused),
    }).canActivate(context);
  await expect(as('viewer')).rejects.toMatchObject({ kind: 'forbidden' });
  expect(() => identityOf(request)).toThrow('without @Requires()');
  await expect(as('admin')).resolves.toBe(true);
  expect(noted).toEqual([
    {
      actor: { kind: 'user', id: '1', name: 'ann' },
      action: 'access.request',
      target: 'POST /api/mining/start',
      details: { role: 'viewer', needed: 'operator' },
    },
  ]);
  expect(identityOf(request)).toMatchObject({ name: 'ann', role: 'admin' });
});

it('keeps who asks apart for each request', () => {
  const one = {};
  remember(one, { kind: 'local', id: 'local', name: 'local', role: 'operator' });
  expect(() => identityOf({})).toThrow();
  expect(identityOf(one).kind).toBe('local');
});
