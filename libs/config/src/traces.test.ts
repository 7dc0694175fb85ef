import { loadConfig } from './load.ts';
import { parseCollectorUrl, parseHttpHeaders } from './values.ts';

const load = (text: string, files: Readonly<Record<string, string>> = {}) =>
  loadConfig({
    text,
    env: {},
    defaults: { dataDir: '/data' },
    files: {
      read: (path) => {
        const found = files[path];
        return found === undefined ? { ok: false, reason: 'no such file' } : { ok: true, text: found };
      },
    },
  });
const tracesOf = (text: string, files?: Readonly<Record<string, string>>) => {
  const result = load(text, files);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.config.monitoring.traces;
};
const problemsOf = (text: string, files?: Readonly<Record<string, string>>): readonly string[] => {
  const result = load(text, files);
  return result.ok ? [] : result.problems.map(({ message }) => message);
};

describe('monitoring.traces', () => {
  it('traces nothing without a collector', () => {
    expect(tracesOf('monitoring: {metrics: {enable: true}}')).toBeUndefined();
    expect(tracesOf('monitoring: {traces: {sample: 1}}')).toBeUndefined();
  });

  it('samples a tenth of a percent, or what is said', () => {
    const endpoint = 'http://tempo:4318';
    expect(tracesOf(`monitoring: {traces: {endpoint: '${endpoint}/'}}`)).toEqual({
      endpoint,
      headers: undefined,
      sampleBasisPoints: 10,
    });
    expect(tracesOf(`monitoring: {traces: {endpoint: '${endpoint}', sample: 2.5}}`)?.sampleBasisPoints).toBe(
      250,
    );
  });

  it('reads headers from a file, and shows none of them', () => {
    const text = "monitoring: {traces: {endpoint: 'https://host/otlp', headers_file: /run/headers}}";
    const traces = tracesOf(text, { '/run/headers': 'authorization: Basic eDp5PQ==\nx-scope: a: b\n' });
    expect(JSON.stringify(traces)).not.toContain('eDp5');
    expect(parseHttpHeaders(traces?.headers?.reveal() ?? '')).toEqual({
      authorization: 'Basic eDp5PQ==',
      'x-scope': 'a: b',
    });
    expect(problemsOf(text, { '/run/headers': 'no header' })).toEqual([
      expect.stringContaining('holds no headers'),
    ]);
    expect(problemsOf("monitoring: {traces: {headers: 'a: b'}}")).toEqual([
      expect.stringContaining('is required: the headers are for it'),
    ]);
  });

  it.each(['tempo:4318', 'grpc://tempo:4317', 'http://a:b@host', 'http://host/?x=1', ''])(
    'does not take %j for a collector',
    (url) => expect(parseCollectorUrl(url)).toBeUndefined(),
  );
});
