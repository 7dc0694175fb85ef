/** Requests that no library would send, and what no answer to them may say. */
import { REPOSITORY } from '@otedama/test-harness';

export interface Request {
  readonly method?: string;
  /** As it goes onto the wire, with whatever it holds. */
  readonly path: string;
  /** Whole lines, without their ends. */
  readonly headers?: readonly string[];
  readonly body?: string | Uint8Array;
  /** 503 is an answer that one has to live with. */
  readonly mayBeBusy?: true;
}

export interface Answer {
  readonly status: number;
  readonly head: string;
  readonly body: string;
}

/** Latin-1 carries every byte as it is. */
export const requestBytes = ({ method = 'GET', path, headers = [], body }: Request): Buffer => {
  const content = body === undefined ? undefined : Buffer.from(body as string);
  const hasLength = headers.some((line) => /^(content-length|transfer-encoding)/i.test(line));
  const lines = [
    `${method} ${path} HTTP/1.1`,
    'Host: 127.0.0.1',
    'Connection: close',
    ...headers,
    ...(content === undefined || hasLength ? [] : [`Content-Length: ${content.length}`]),
  ];
  const head = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
  return content === undefined ? head : Buffer.concat([head, content]);
};

const HEAD_END = '\r\n\r\n';

export const parseAnswer = (text: string): Answer | undefined => {
  const status = /^HTTP\/1\.1 (\d{3}) /.exec(text)?.[1];
  if (status === undefined) return undefined;
  const end = text.indexOf(HEAD_END);
  const head = end < 0 ? text : text.slice(0, end);
  return { status: Number(status), head, body: end < 0 ? '' : text.slice(end + HEAD_END.length) };
};

/** Traces, places, and the words of a database: none of it helps whoever asked in good faith. */
const LEAKS: readonly RegExp[] = [
  /\n\s+at \S+/,
  /node_modules|\.cjs\b|node:internal/,
  new RegExp(REPOSITORY.replaceAll('/', '\\/')),
  /\b(?:syntax error at|relation "|column "|pg_\w+|postgres(?:ql)?:)/i,
  /\b(?:ENOENT|EACCES|ECONNREFUSED)\b/,
  /\broot:[^:]*:0:0:/,
];

/** A problem names the path that was asked for; that is no secret to whoever asked. */
const withoutInstance = (body: string): string => body.replace(/"instance":"(?:[^"\\]|\\.)*"/, '');

/** Sentences for what is wrong with an answer, whatever was asked. */
export const faultsOf = ({ mayBeBusy }: Request, { status, head, body }: Answer): string[] => {
  if (status < 400) return [];
  const said = withoutInstance(body);
  const leak = LEAKS.find((pattern) => pattern.test(said));
  return [
    ...(status >= 500 && !(status === 503 && mayBeBusy) ? [`was answered with ${status}`] : []),
    ...(leak === undefined ? [] : [`was told ${String(leak)}: ${said.slice(0, 200)}`]),
    ...(/^content-type: application\/problem\+json/im.test(head)
      ? []
      : [`got no problem details: ${status}`]),
  ];
};
