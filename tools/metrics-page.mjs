// docs/metrics.md as it follows from the declarations: an introduction written by hand, then a table for each part.
import { declaredMetrics } from './declared-metrics.mjs';

const PARTS = {
  host: [
    'Every process',
    'Beside these each process shows the figures of Node itself (`process_*`, `nodejs_*`).',
  ],
  bus: [
    'The connection to NATS',
    'Of every process of a fleet; `./otedama up` has no NATS and shows the logs alone.',
  ],
  gateway: ['stratum-gateway', ''],
  validator: ['share-validator', ''],
  accounting: ['pool-accounting: the books', ''],
  ledger: ['pool-accounting: its database', ''],
  payout: ['pool-accounting: payouts', 'One series for each wallet that pays.'],
  audit: ['pool-accounting: the audit log', ''],
  api: ['api-gateway', ''],
  agent: ['miner-agent', ''],
};

const MARK = '<!-- From here on made by `node tools/check-docs.mjs --write` from the declarations. -->';

const cell = (text) => text.replaceAll('|', '\\|');

const row = ({ name, kind, labels, help }) =>
  `| \`${name}\` | ${kind} | ${labels.map((label) => `\`${label}\``).join(', ')} | ${cell(help)} |`;

/** `page` is the one that there is: what stands above the mark is kept. */
export const metricsPage = (root, page) => {
  const { metrics, problems } = declaredMetrics(root);
  const above = page.split(MARK, 1)[0].trimEnd();
  const sections = Object.entries(PARTS).flatMap(([part, [title, note]]) => [
    `## ${title}`,
    ...(note === '' ? [] : [note]),
    [
      '| metric | kind | labels | what |',
      '|---|---|---|---|',
      ...metrics.filter(({ name }) => name.startsWith(`otedama_${part}_`)).map(row),
    ].join('\n'),
  ]);
  const strangers = metrics.filter(({ name }) => PARTS[name.split('_')[1]] === undefined);
  return {
    text: `${[above, MARK, ...sections].join('\n\n')}\n`,
    problems: [
      ...problems,
      ...strangers.map(({ name }) => `${name}: tools/metrics-page.mjs has no such part`),
    ],
  };
};
