/** JSON-RPC of coin daemons, as tests use it: one call, one result, or an error that names the method. */
export class RpcFailure extends Error {
  override readonly name = 'RpcFailure';
  readonly code: number;

  constructor(method: string, code: number, message: string) {
    super(`${method}: ${message} (${code})`);
    this.code = code;
  }
}

export interface Rpc {
  readonly url: string;
  readonly user: string;
  readonly password: string;
  /** The caller knows the type of the result; nothing checks it. */
  call<T = unknown>(method: string, ...params: readonly unknown[]): Promise<T>;
}

interface RpcReply {
  readonly result: unknown;
  readonly error: { readonly code: number; readonly message: string } | null;
}

export const createRpc = (url: string, user: string, password: string): Rpc => {
  const authorization = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  return {
    url,
    user,
    password,
    call: async <T>(method: string, ...params: readonly unknown[]): Promise<T> => {
      const response = await fetch(url, {
        method: 'POST',
        headers: { authorization, 'content-type': 'application/json' },
        body: JSON.stringify({ jsonrpc: '1.0', id: 1, method, params }),
      });
      const text = await response.text();
      if (!text.startsWith('{')) throw new RpcFailure(method, response.status, text.slice(0, 200));
      const { result, error } = JSON.parse(text) as RpcReply;
      if (error) throw new RpcFailure(method, error.code, error.message);
      return result as T;
    },
  };
};
