/** The dashboard in a real Chromium, over a real pool that mines its playground chain. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import {
  type Otedama,
  REPOSITORY,
  type Scratch,
  chromium,
  describeWith,
  scratchDirectory,
  startOtedama,
} from '@otedama/test-harness';
import { type Browser, type Page, chromium as driver } from 'playwright-core';

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const WAIT_MS = 60_000;

const executable = chromium();

describeWith('Chromium', executable)('the dashboard', () => {
  let scratch: Scratch;
  let otedama: Otedama;
  let browser: Browser;
  let page: Page;
  const failures: string[] = [];

  beforeAll(async () => {
    scratch = scratchDirectory('dashboard');
    otedama = await startOtedama({
      dataDir: scratch.path,
      config: "pool: {address: '127.0.0.1:PORT'}\nmining: {cpu: {threads: 1}}\n",
    });
    browser = await driver.launch({ executablePath: executable ?? '', args: FLAGS });
    page = await browser.newPage();
    page.on('pageerror', (error) => failures.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') failures.push(message.text());
    });
    page.on('request', (request) => {
      if (!request.url().startsWith(otedama.api) && !request.url().startsWith('data:'))
        failures.push(request.url());
    });
    await page.goto(otedama.api);
  }, 120_000);

  afterAll(async () => {
    await browser?.close();
    await otedama?.stop();
    scratch?.remove();
  }, 60_000);

  const text = (id: string): Promise<string> => page.getByTestId(id).first().innerText();
  const until = (id: string, pattern: RegExp): Promise<unknown> =>
    page.waitForFunction(
      ([testId, source, flags]) => {
        const found = document.querySelector(`[data-testid="${testId}"]`);
        return found !== null && new RegExp(source ?? '', flags).test(found.textContent ?? '');
      },
      [id, pattern.source, pattern.flags] as const,
      { timeout: WAIT_MS },
    );

  it('shows the running pool: hash rate, worker, blocks and balances, live', async () => {
    await until('miner-hashrate', /[1-9].*H\/s/);
    await until('blocks-accepted', /[1-9]/);
    await until('workers-online', /1/);
    const first = Number(await text('blocks-accepted'));
    await page.waitForFunction(
      (before) => Number(document.querySelector('[data-testid="blocks-accepted"]')?.textContent) > before,
      first,
      { timeout: WAIT_MS },
    );
    // The lists come in frames of their own, a little after the figures.
    await page.getByTestId('worker-row').waitFor({ timeout: WAIT_MS });
    await page.getByTestId('block-row').nth(1).waitFor({ timeout: WAIT_MS });
    expect(await page.getByTestId('worker-row').count()).toBe(1);
    expect(await text('version')).toContain('0.1.0');
    // The chart begins with the first whole minute.
    await page
      .getByTestId('hashrate-chart')
      .locator('canvas')
      .waitFor({ timeout: 2 * WAIT_MS });
  }, 180_000);

  it('explains how the reward of a block was divided, and comes back', async () => {
    await page.getByTestId('block-link').last().click();
    await page.getByTestId('settlement-verdict').waitFor({ timeout: WAIT_MS });
    expect(await page.getByTestId('settlement-verdict').getAttribute('data-verdict')).toBe('equal');
    expect(await page.getByTestId('settlement-miner').count()).toBe(1);
    // The one miner has the reward less the fee, and nothing is left over.
    expect(await text('settlement-facts')).toMatch(/Divided among miners\s+49\.5[^]*Remainder\s+0\.0/);
    await page.reload();
    await page.getByTestId('settlement-miner').waitFor({ timeout: WAIT_MS });
    await page.getByText('Back to the pool').click();
    await page.getByTestId('block-row').first().waitFor({ timeout: WAIT_MS });
  }, 120_000);

  it('stops and starts the miner', async () => {
    await page.getByTestId('miner-toggle').click();
    await until('miner-state', /stopped/i);
    expect((await otedama.status()).mining.state).toBe('stopped');
    await page.getByTestId('miner-toggle').click();
    await until('miner-state', /mining/i);
  }, 120_000);

  it('offers what changes something to those who have logged in, once there are users', async () => {
    const program = join(REPOSITORY, 'apps/cli/dist/otedama.cjs');
    const places = ['--config', join(scratch.path, 'otedama.yaml'), '--data-dir', join(scratch.path, 'data')];
    execFileSync(process.execPath, ['--no-warnings', program, 'access', 'admin', 'ann', ...places], {
      input: 'nine lively cats 42\n',
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    await page.waitForTimeout(1_100);
    await page.reload();
    await page.getByTestId('log-in').click({ timeout: WAIT_MS });
    await page.getByTestId('miner-state').waitFor({ timeout: WAIT_MS });
    expect(await page.getByTestId('miner-toggle').count()).toBe(0);
    await page.getByTestId('login-name').fill('ann');
    await page.getByTestId('login-password').fill('nine lively cats 42');
    await page.getByTestId('login-form').getByRole('button', { name: 'Log in' }).click();
    await until('account-name', /^ann$/);
    await page.getByTestId('miner-toggle').click();
    await until('miner-state', /stopped/i);
    await page.getByTestId('miner-toggle').click();
    await until('miner-state', /mining/i);
    // Nothing that a script of this page could carry away.
    expect(await page.evaluate(() => document.cookie + JSON.stringify(localStorage))).not.toMatch(
      /ey|refresh/,
    );
    await page.reload();
    await until('account-name', /^ann$/);
    await page.getByTestId('log-out').click();
    await page.getByTestId('miner-toggle').waitFor({ state: 'detached', timeout: WAIT_MS });
  }, 120_000);

  it('says that the connection is lost and comes back by itself', async () => {
    await otedama.stop();
    await page.getByTestId('connection-lost').waitFor({ timeout: WAIT_MS });
    // What the browser writes about refused connections is no fault of the page.
    failures.length = 0;
    otedama = await startOtedama({
      dataDir: scratch.path,
      ports: otedama.ports,
      config: "pool: {address: '127.0.0.1:PORT'}\nmining: {cpu: {threads: 1}}\n",
    });
    await page.getByTestId('connection-lost').waitFor({ state: 'detached', timeout: WAIT_MS });
    await until('blocks-accepted', /[1-9]/);
  }, 180_000);

  it('asks nobody else for anything and breaks nothing', () => {
    expect(failures.filter((failure) => !/ERR_CONNECTION_REFUSED|WebSocket/.test(failure))).toEqual([]);
  });
});
