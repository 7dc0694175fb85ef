/** The dashboard in a real Chromium, over a real pool that mines its playground chain. */
import { chromium, describeWith } from '@otedama/test-harness';
import type { Page } from 'playwright-core';
import { Dashboard, WAIT_MS } from './dashboard.fixture.ts';

describeWith('Chromium', chromium())('the dashboard', () => {
  let dashboard: Dashboard;
  let page: Page;

  beforeAll(async () => {
    dashboard = await Dashboard.open('dashboard');
    ({ page } = dashboard);
  }, 120_000);
  afterAll(() => dashboard?.close(), 60_000);

  const text = (id: string): Promise<string> => dashboard.text(id);
  const until = (id: string, pattern: RegExp): Promise<unknown> => dashboard.until(id, pattern);

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
    expect((await dashboard.otedama.status()).mining.state).toBe('stopped');
    await page.getByTestId('miner-toggle').click();
    await until('miner-state', /mining/i);
  }, 120_000);

  it('offers what changes something to those who have logged in, once there are users', async () => {
    await dashboard.makeAdmin();
    await page.getByTestId('log-in').waitFor({ timeout: WAIT_MS });
    await page.getByTestId('miner-state').waitFor({ timeout: WAIT_MS });
    expect(await page.getByTestId('miner-toggle').count()).toBe(0);
    await dashboard.logIn();
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
    await dashboard.otedama.stop();
    await page.getByTestId('connection-lost').waitFor({ timeout: WAIT_MS });
    // What the browser writes about refused connections is no fault of the page.
    dashboard.failures.length = 0;
    await dashboard.restart();
    await page.getByTestId('connection-lost').waitFor({ state: 'detached', timeout: WAIT_MS });
    await until('blocks-accepted', /[1-9]/);
  }, 180_000);

  it('asks nobody else for anything and breaks nothing', () => {
    expect(dashboard.failures.filter((failure) => !/ERR_CONNECTION_REFUSED|WebSocket/.test(failure))).toEqual(
      [],
    );
  });
});
