/**
 * Draws what `perf script` prints as a flame graph: who had the processor, callers below, callees above, as wide as
 * their share of the samples. What is narrower than a fraction of a percent is left out, so that the file stays small.
 *
 *   NODE_OPTIONS=--perf-basic-prof ./otedama up ...
 *   perf record -F 499 -g -p PIDS -- sleep 10
 *   perf script -F comm,ip,sym | node test/load/flame-graph.ts > flame.svg
 */
import { text } from 'node:stream/consumers';

interface Frame {
  samples: number;
  readonly callees: Map<string, Frame>;
}

const WIDTH = 1_200;
const ROW = 15;
const LEAST_SHARE = 0.004;
const CHAR_WIDTH = 6.2;
/** Below these is only how a program starts and its loop turns. */
const ROOTS = new Set(['uv__io_poll', 'start_thread', 'PostgresMain', 'ServerLoop']);
/** Machinery between two functions of a program, which says nothing about either. */
const MACHINERY =
  /^(?:Builtins_(?:JSEntry|Call|InterpreterEntry|ArrayForEach|AsyncFunction|PromiseFulfill|RunMicro|JSRunMicro|CEntry)|v8::|node::(?:AsyncWrap|Internal|EmitToJS|StreamBase::Call|LibuvStreamWrap::(?:OnUv|ReadStart)|CallbackScope)|\[unknown\]|__libc_|non-virtual)/;
const KERNEL = /^(?:_*(?:tcp|ip|sock|inet|do_|entry_|ksys|vfs|net_|se_|x64|sys_|ep_|epoll)|read$|__GI_)/;

/** A function of a script has its place behind its name, which no reader needs; of Node's own the module stays. */
const nameOf = (symbol: string): string => {
  const script = /^JS:\W*([\w#.$ ]*?) ?(node:[\w/]+|\/)/.exec(symbol);
  if (script === null) return symbol.replace(/\.(?:constprop|isra|part)\.\d+$/, '').slice(0, 60);
  const [, name = '', place = ''] = script;
  const shown = name === '' ? '(anonymous)' : name;
  return place.startsWith('node:') ? `${shown} (${place})` : shown;
};

const stackOf = (lines: readonly string[]): string[] => {
  const [head = '', ...symbols] = lines;
  const callers = symbols.map((line) => line.trim().replace(/^[0-9a-f]+ /, '')).toReversed();
  const from = callers.findLastIndex((symbol) => ROOTS.has(symbol)) + 1;
  const shown = callers.slice(from).filter((symbol) => !MACHINERY.test(symbol));
  return [head.trim().split(/\s+/)[0] ?? '', ...shown.map(nameOf)];
};

const add = (root: Frame, stack: readonly string[]): void => {
  let frame = root;
  frame.samples += 1;
  for (const name of stack) {
    const known = frame.callees.get(name) ?? { samples: 0, callees: new Map<string, Frame>() };
    frame.callees.set(name, known);
    known.samples += 1;
    frame = known;
  }
};

const escape = (raw: string): string =>
  raw.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);

/** Cold for the system, warm for the rest. */
const colourOf = (name: string): string => {
  let sum = 0;
  for (const character of name) sum = (sum * 31 + character.charCodeAt(0)) % 997;
  return KERNEL.test(name) ? `hsl(${200 + (sum % 30)},55%,72%)` : `hsl(${20 + (sum % 35)},85%,68%)`;
};

const boxOf = (name: string, share: number, x: number, depth: number): string => {
  const width = share * WIDTH;
  const label = name.slice(0, Math.floor(width / CHAR_WIDTH));
  return (
    `<g transform="translate(${x.toFixed(1)},${-ROW * (depth + 1)})">` +
    `<title>${escape(name)} ${(100 * share).toFixed(1)} %</title>` +
    `<rect width="${width.toFixed(1)}" height="${ROW - 1}" fill="${colourOf(name)}"/>` +
    `${label.length > 2 ? `<text x="2" y="11">${escape(label)}</text>` : ''}</g>`
  );
};

const draw = (root: Frame): string => {
  const boxes: string[] = [];
  let rows = 0;
  const place = (frame: Frame, x: number, depth: number): void => {
    let at = x;
    for (const [name, callee] of [...frame.callees].toSorted((a, b) => b[1].samples - a[1].samples)) {
      const share = callee.samples / root.samples;
      if (share < LEAST_SHARE) return;
      rows = Math.max(rows, depth + 1);
      boxes.push(boxOf(name, share, at, depth));
      place(callee, at, depth + 1);
      at += share * WIDTH;
    }
  };
  place(root, 0, 0);
  const view = `viewBox="0 ${-ROW * rows} ${WIDTH} ${ROW * rows}"`;
  const font = 'font-family="monospace" font-size="10"';
  return `<svg xmlns="http://www.w3.org/2000/svg" ${view} ${font}>\n${boxes.join('\n')}\n</svg>\n`;
};

const root: Frame = { samples: 0, callees: new Map() };
for (const block of (await text(process.stdin)).split('\n\n')) {
  const lines = block.split('\n').filter((line) => line.trim() !== '');
  if (lines.length > 1) add(root, stackOf(lines));
}
process.stdout.write(draw(root));
