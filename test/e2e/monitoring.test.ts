/**
 * What operators see: a live fleet is scraped by a real Prometheus, and every panel and every alert finds what it asks
 * for. What cannot be seen in a healthy fleet of a minute is named here with the reason, and shown by promtool.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  REPOSITORY,
  type Scratch,
  describeWith,
  eventually,
  litecoind,
  natsServerProgram,
  postgresExporterProgram,
  prometheusProgram,
  redisExporterProgram,
  redisServerProgram,
  scratchDirectory,
} from '@otedama/test-harness';
import {
  type Asked,
  askedOf,
  choicesOf,
  readDashboards,
  withEverything,
} from '../../tools/observability/panels.ts';
import { readExpression, withoutVariables } from '../../tools/observability/promql.ts';
import { readRules, readTestedAlerts, readTestedExpressions } from '../../tools/observability/rules.ts';
import { MonitoredFleet } from './monitored-fleet.ts';
import { QUIET } from './quiet-metrics.ts';

const SCRAPE_SECONDS = 1;
const RATE_WINDOW = '1m';

const components =
  litecoind() &&
  natsServerProgram() &&
  redisServerProgram() &&
  prometheusProgram() &&
  postgresExporterProgram() &&
  redisExporterProgram();

const metricsOf = (expression: string): readonly string[] =>
  readExpression(expression).selectors.map(({ metric }) => metric);

const isQuiet = (expression: string): boolean => metricsOf(expression).some((metric) => QUIET.has(metric));

describeWith('litecoind, nats-server, redis-server, prometheus or an exporter', components)(
  'a fleet under Prometheus',
  () => {
    let scratch: Scratch;
    let monitored: MonitoredFleet;
    const asked: readonly Asked[] = readDashboards(REPOSITORY).flatMap(askedOf);
    const rules = readRules(REPOSITORY);

    const ask = (expression: string) =>
      monitored.prometheus.ask(withoutVariables(withEverything(expression), RATE_WINDOW));
    /** Those that find nothing, in a moment in which there is most to find. */
    const emptyOnes = async (expressions: readonly string[]): Promise<string[]> => {
      const empty: string[] = [];
      for (const expression of expressions) if ((await ask(expression)).length === 0) empty.push(expression);
      return empty;
    };
    const eventuallyFound = async (expressions: readonly string[]): Promise<void> => {
      let missing = expressions;
      await eventually('what is asked for', async () => {
        missing = await emptyOnes(missing);
        return missing.length === 0;
      }).catch(() => undefined);
      expect(missing).toEqual([]);
    };

    beforeAll(async () => {
      scratch = scratchDirectory('monitoring');
      monitored = await MonitoredFleet.start({ dir: scratch.path, scrapeSeconds: SCRAPE_SECONDS });
      await monitored.disturb();
      await monitored.mineAndPay();
    }, 300_000);
    afterAll(async () => {
      await monitored?.[Symbol.asyncDispose]();
      scratch?.remove();
    }, 120_000);

    it('has every process and every server among the targets, and all answer', async () => {
      const targets = await eventually('an answer of every target', async () => {
        const all = await monitored.prometheus.targets();
        return all.every(({ health }) => health === 'up') && all;
      });
      expect([...new Set(targets.map(({ labels }) => labels['job']))].sort()).toEqual([
        'api-gateway',
        'miner-agent',
        'nats',
        'pool-accounting',
        'postgres',
        'redis',
        'share-validator',
        'stratum-gateway',
      ]);
    });

    it('shows NATS as its exporter does', async () => {
      const recorded = JSON.parse(
        readFileSync(join(REPOSITORY, 'test/vectors/exporters.json'), 'utf8'),
      ) as Record<string, { metrics: Record<string, readonly string[]> }>;
      const known = recorded['nats']?.metrics ?? {};
      const seen = await ask('{job="nats",__name__=~"nats_.*"}');
      expect(seen.length).toBeGreaterThan(20);
      for (const { labels } of seen) {
        const { __name__: name = '', job: _job, instance: _instance, ...own } = labels;
        expect([name, known[name]]).toEqual([name, expect.arrayContaining(Object.keys(own))]);
      }
    });

    it('finds data for every panel of every dashboard', async () => {
      const expressions = asked.map(({ expression }) => expression).filter((one) => !isQuiet(one));
      await eventuallyFound([...new Set(expressions)]);
    }, 120_000);

    it('finds the choices of every dashboard', async () => {
      for (const { metric, label } of readDashboards(REPOSITORY).flatMap(choicesOf)) {
        expect(await ask(`count by (${label}) (${metric}{${label}!=""})`)).not.toEqual([]);
      }
    });

    it('finds the metrics of every rule, so that an alert that keeps quiet has looked at something', async () => {
      const metrics = new Set(rules.flatMap(({ expr }) => metricsOf(expr)));
      await eventuallyFound([...metrics].filter((metric) => !QUIET.has(metric)));
    }, 120_000);

    it('works out every rule without an error', async () => {
      const states = await monitored.prometheus.rules();
      expect(states).toHaveLength(rules.length);
      expect(states.filter(({ health }) => health !== 'ok')).toEqual([]);
    });

    it('leaves to promtool what keeps quiet here: those panels with data, and every alert speaking', () => {
      const shown = readTestedExpressions(REPOSITORY);
      const quiet = asked.map(({ expression }) => expression).filter(isQuiet);
      expect(
        quiet.map((one) => withoutVariables(withEverything(one))).filter((one) => !shown.has(one)),
      ).toEqual([]);
      const { firing } = readTestedAlerts(REPOSITORY);
      expect(rules.filter(({ alert }) => alert !== undefined && !firing.has(alert))).toEqual([]);
    });

    it('calls nothing quiet that is not', async () => {
      for (const metric of QUIET.keys()) expect([metric, await ask(metric)]).toEqual([metric, []]);
    });
  },
);
