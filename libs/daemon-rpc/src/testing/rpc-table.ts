import { type Respond, rpcError, rpcResult } from './raw-server.ts';

/** What a method answers with, instead of a result. */
export class Fault {
  readonly code: number;
  readonly message: string;

  constructor(code: number, message: string) {
    this.code = code;
    this.message = message;
  }
}

export type RpcTable = Readonly<Record<string, (...params: never[]) => unknown>>;

/** Answers each method as the table says; a method that it lacks is not found. */
export const answerFrom =
  (table: RpcTable): Respond =>
  (socket, { id, text }) => {
    const { method, params } = JSON.parse(text.slice(text.indexOf('\r\n\r\n'))) as {
      method: string;
      params: unknown;
    };
    const answer = table[method];
    if (answer === undefined) return void socket.write(rpcError(id, -32601, 'Method not found'));
    const result = answer(...((Array.isArray(params) ? params : [params]) as never[]));
    socket.write(result instanceof Fault ? rpcError(id, result.code, result.message) : rpcResult(id, result));
  };

/** The methods that were asked for, in order. */
export const methodsOf = (requests: readonly string[]): string[] =>
  requests.map((text) => /"method":"(\w+)"/.exec(text)?.[1] ?? '');
