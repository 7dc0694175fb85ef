/** What those who run a pool do on its dashboard, in a real Chromium, each as far as its role goes. */
import { chromium, describeWith } from '@otedama/test-harness';
import type { Page } from 'playwright-core';
import { Dashboard, WAIT_MS } from './dashboard.fixture.ts';

/** BIP173's example key on regtest. */
const ADDRESS = 'bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080';
const CONFIG =
  "pool: {address: '127.0.0.1:PORT', scheme: pps, bankroll: {floor: 2}}\nmining: {cpu: {threads: 1, priority: normal}}\n";
const NARROW = { width: 390, height: 844 };
const WIDE = { width: 1_280, height: 800 };

describeWith('Chromium', chromium())('the pages of those who run the pool', () => {
  let dashboard: Dashboard;
  let page: Page;

  beforeAll(async () => {
    dashboard = await Dashboard.open('operator-pages', CONFIG);
    ({ page } = dashboard);
  }, 120_000);
  afterAll(() => dashboard?.close(), 60_000);

  const goTo = async (id: string): Promise<void> => {
    await page.getByTestId(`page-${id}`).click({ timeout: WAIT_MS });
    await page.getByTestId(`${id}-page`).waitFor({ timeout: WAIT_MS });
  };
  /** What a screen reader stands at. */
  const focused = (): Promise<string> =>
    page.evaluate(() => document.activeElement?.ariaLabel ?? document.activeElement?.textContent ?? '');
  /** No page is wider than its screen: what is wide scrolls by itself. */
  const fits = async (): Promise<void> => {
    for (const size of [NARROW, WIDE]) {
      await page.setViewportSize(size);
      const width = await page.evaluate(() => document.documentElement.scrollWidth);
      expect(width).toBeLessThanOrEqual(size.width);
    }
  };

  it('keep out an address and an account, and let them in again', async () => {
    await goTo('bans');
    await page.getByText('Nobody is kept out').waitFor({ timeout: WAIT_MS });
    await page.getByTestId('ban-network').fill('198.51.100.1/24');
    await page.getByRole('button', { name: 'Keep out' }).click();
    await dashboard.until('outcome', /network must be an address or a range/);
    expect(await page.getByTestId('outcome').getAttribute('data-kind')).toBe('failed');

    await page.getByTestId('ban-network').fill('198.51.100.0/24');
    await page.getByTestId('ban-term').selectOption('1 day');
    await page.getByTestId('ban-note').fill('a flood <b>of</b> connections');
    await page.getByRole('button', { name: 'Keep out' }).click();
    await dashboard.until('ban-row', /198\.51\.100\.0\/24By handa flood <b>of<\/b> connections/);
    const { items } = await dashboard.otedama.get<{ items: { untilMs: number }[] }>('/api/v1/bans');
    expect(items[0]?.untilMs).toBeGreaterThan(Date.now() + 23 * 3_600_000);

    await page.getByTestId('ban-kind').selectOption('account');
    await page.getByTestId('ban-account').fill(ADDRESS);
    await page.getByTestId('ban-term').selectOption('Until it is removed');
    await page.getByRole('button', { name: 'Keep out' }).click();
    await dashboard.until('outcome', new RegExp(`^playground/${ADDRESS} is kept out\\.$`));
    await page.getByTestId('ban-row').nth(1).waitFor({ timeout: WAIT_MS });
    await fits();
    await page.getByRole('button', { name: `Let in playground/${ADDRESS}` }).click();
    await page.getByRole('button', { name: 'Let in 198.51.100.0/24' }).click({ timeout: WAIT_MS });
    await page.getByText('Nobody is kept out').waitFor({ timeout: WAIT_MS });
    expect(dashboard.command(['bans', 'list'])).toBe('nobody is kept out\n');
  }, 120_000);

  it('are offered by role once there are users, and say what is missing', async () => {
    expect(await page.getByTestId('page-bans').count()).toBe(1);
    await dashboard.makeAdmin();
    await page.getByText('This page needs the role viewer').waitFor({ timeout: WAIT_MS });
    expect(await page.getByTestId('pages').count()).toBe(0);
    await dashboard.logIn();
    await page.getByTestId('bans-page').waitFor({ timeout: WAIT_MS });
    await fits();
  }, 120_000);

  it('show who did what, and the head of the log as the command has it', async () => {
    await goTo('audit');
    const verified = dashboard.command(['audit', 'verify']);
    await page
      .getByRole('region', { name: 'Head of the log' })
      .getByRole('button', { name: 'Reload' })
      .click();
    const [, head = ''] = /head (\d+:[0-9a-f]{64})/.exec(verified) ?? [];
    await dashboard.until('audit-head', new RegExp(`^${head}`));
    await page.getByTestId('audit-row').nth(4).waitFor({ timeout: WAIT_MS });
    await fits();
    await page.getByTestId('audit-action').fill('ban');
    await page.getByTestId('audit-target').fill(`playground/${ADDRESS}`);
    await page.getByRole('button', { name: 'Show' }).click();
    await page.waitForFunction(() => document.querySelectorAll('[data-testid="audit-row"]').length === 2);
    expect(await page.getByTestId('audit-row').allInnerTexts()).toEqual([
      expect.stringMatching(/local[^]*ban\.remove Done/),
      expect.stringMatching(/local from 127\.0\.0\.1[^]*ban\.add Done/),
    ]);
    await page.getByTestId('audit-action').fill('nothing');
    await page.getByRole('button', { name: 'Show' }).click();
    await page.getByText('No entry is like that').waitFor({ timeout: WAIT_MS });
  }, 120_000);

  it('add a user and a key, whose secrets are told once, and put both out', async () => {
    await goTo('access');
    await page.getByTestId('user-name').fill('Ann');
    await page.getByRole('button', { name: 'Add user' }).click();
    await dashboard.until('outcome', /There is one of this name/);
    await page.getByTestId('user-name').fill('bob');
    await page.getByTestId('user-role').selectOption('operator');
    await page.getByRole('button', { name: 'Add user' }).click();
    await page.getByTestId('user-row').nth(1).waitFor({ timeout: WAIT_MS });
    const password = await dashboard.text('secret');
    await page.getByRole('button', { name: 'Done' }).click();
    const login = (): Promise<Response> =>
      fetch(`${dashboard.otedama.api}/api/v1/session`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ name: 'bob', password }),
      });
    await expect((await login()).json()).resolves.toMatchObject({
      type: 'urn:otedama:problem:new-password-needed',
    });

    await page.getByTestId('key-name').fill('exporter');
    await page.getByRole('button', { name: 'Make key' }).click();
    await dashboard.until('secret', /^otedama_key_/);
    const key = await dashboard.text('secret');
    expect(await focused()).toContain(key);
    const agents = (): Promise<Response> =>
      fetch(`${dashboard.otedama.api}/api/v1/agents`, { headers: { authorization: `Bearer ${key}` } });
    expect((await agents()).status).toBe(200);
    await page.getByRole('button', { name: 'Done' }).click();
    await page.getByTestId('key-row').waitFor({ timeout: WAIT_MS });
    expect(await page.content()).not.toContain(key);
    await fits();

    await page.getByRole('button', { name: 'Revoke exporter' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
    expect(await focused()).toBe('Revoke exporter');
    expect(await page.getByTestId('key-row').count()).toBe(1);
    await page.getByRole('button', { name: 'Revoke exporter' }).click();
    await page.getByTestId('confirm').click();
    await page.getByText('There is no key').waitFor({ timeout: WAIT_MS });
    expect((await agents()).status).toBe(401);

    await page.getByRole('button', { name: 'Disable bob' }).click();
    await page.getByTestId('confirm').click();
    await page.getByRole('button', { name: 'Enable bob' }).waitFor({ timeout: WAIT_MS });
    expect((await login()).status).toBe(401);
    await page.getByRole('button', { name: 'Enable bob' }).click();
    await page.getByRole('button', { name: 'Disable bob' }).waitFor({ timeout: WAIT_MS });
    expect((await login()).status).toBe(403);
  }, 120_000);

  it('show a bankroll that does not pay, who filled it, and that it pays', async () => {
    await goTo('bankroll');
    await dashboard.until('bankroll-breaker', /^Breaker open/);
    await page.getByText('Nothing was put in').waitFor({ timeout: WAIT_MS });
    expect(await dashboard.text('bankroll-facts')).toMatch(/Floor, where the breaker opens\s+2\.0/);
    dashboard.command(['ledger', 'fund', '1000000', '--pool', 'playground', '--reason', 'coins of my own']);
    await dashboard.until('bankroll-breaker', /^Pays by the share/);
    await page.getByRole('button', { name: 'Reload' }).click();
    await dashboard.until('funding-row', /bankroll of playground.*coins of my own.*1,?000,?000/);
    await fits();
  }, 120_000);

  it('ask nobody else for anything and break nothing', () => {
    // The browser writes down each answer that is no success; one was refused here on purpose.
    const refused = /^Failed to load resource: the server responded with a status of 40[0139] /;
    expect(dashboard.failures.filter((failure) => !refused.test(failure))).toEqual([]);
  });
});
