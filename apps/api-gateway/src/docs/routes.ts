/** The routes of a controller, as Nest's decorators declare them. */
import { RequestMethod, type Type } from '@nestjs/common';
import { HTTP_CODE_METADATA, METHOD_METADATA, PATH_METADATA } from '@nestjs/common/constants.js';
import type { Role } from '@otedama/contracts';

import { requiredRole } from '../http/identity.ts';

export interface Route {
  /** Name of the controller's method. */
  readonly name: string;
  readonly method: string;
  /** With `{name}` for a part that varies. */
  readonly path: string;
  /** Of an answer that is no problem. */
  readonly status: number;
  /** Undefined: public. */
  readonly role: Role | undefined;
}

const statusOf = (handler: object, method: string): number => {
  const declared: unknown = Reflect.getMetadata(HTTP_CODE_METADATA, handler);
  if (typeof declared === 'number') return declared;
  return method === 'post' ? 201 : 200;
};

export function routesOf(controller: Type): Route[] {
  const base = String(Reflect.getMetadata(PATH_METADATA, controller));
  return Object.getOwnPropertyNames(controller.prototype).flatMap((name) => {
    const handler: unknown = Reflect.get(controller.prototype, name);
    if (typeof handler !== 'function' || !Reflect.hasMetadata(METHOD_METADATA, handler)) return [];
    const method = String(RequestMethod[Number(Reflect.getMetadata(METHOD_METADATA, handler))]).toLowerCase();
    const path = `/${base}/${String(Reflect.getMetadata(PATH_METADATA, handler))}`;
    return [
      {
        name,
        method,
        path: path
          .replaceAll(/\/+/g, '/')
          .replace(/(?<=.)\/$/, '')
          .replaceAll(/:(\w+)/g, '{$1}'),
        status: statusOf(handler, method),
        role: requiredRole(handler),
      },
    ];
  });
}
