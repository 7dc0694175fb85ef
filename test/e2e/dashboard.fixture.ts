/** A pool that mines its playground chain, its dashboard in a real Chromium, and all that the page gets wrong. */
import {
  type Otedama,
  type Scratch,
  chromium,
  runBeside,
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
export const WAIT_MS = 60_000;
const CONFIG = "pool: {address: '127.0.0.1:PORT'}\nmining: {cpu: {threads: 1}}\n";
export const ADMIN = { name: 'ann', password: 'nine lively cats 42' };

export class Dashboard {
  readonly #scratch: Scratch;
  readonly #config: string;
  readonly #browser: Browser;
  readonly page: Page;
  otedama: Otedama;
  /** Errors of the page, and whatever it asked of another host. */
  readonly failures: string[] = [];

  private constructor(
    { scratch, config }: { readonly scratch: Scratch; readonly config: string },
    otedama: Otedama,
    browser: Browser,
    page: Page,
  ) {
    this.#scratch = scratch;
    this.#config = config;
    this.#browser = browser;
    this.otedama = otedama;
    this.page = page;
    page.on('pageerror', (error) => this.failures.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') this.failures.push(message.text());
    });
    page.on('request', (request) => {
      if (!request.url().startsWith(this.otedama.api) && !request.url().startsWith('data:'))
        this.failures.push(request.url());
    });
  }

  static async open(name: string, config = CONFIG): Promise<Dashboard> {
    const scratch = scratchDirectory(name);
    const otedama = await startOtedama({ dataDir: scratch.path, config });
    const browser = await driver.launch({ executablePath: chromium() ?? '', args: FLAGS });
    const dashboard = new Dashboard({ scratch, config }, otedama, browser, await browser.newPage());
    await dashboard.page.goto(otedama.api);
    return dashboard;
  }

  /** The pool again, on the same data and ports. */
  async restart(): Promise<void> {
    const { ports } = this.otedama;
    this.otedama = await startOtedama({ dataDir: this.#scratch.path, ports, config: this.#config });
  }

  /** A command beside the pool; what it prints. */
  command(words: readonly string[], input = ''): string {
    const { status, stdout, stderr } = runBeside(this.#scratch.path, words, input);
    if (status !== 0) throw new Error(`${words.join(' ')}: ${stderr}`);
    return stdout;
  }

  /** The API looks within a second whether there is a user. */
  async makeAdmin(): Promise<void> {
    this.command(['access', 'admin', ADMIN.name], `${ADMIN.password}\n`);
    await this.page.waitForTimeout(1_100);
    await this.page.reload();
  }

  async logIn({ name, password } = ADMIN): Promise<void> {
    const { page } = this;
    await page.getByTestId('log-in').click({ timeout: WAIT_MS });
    await page.getByTestId('login-name').fill(name);
    await page.getByTestId('login-password').fill(password);
    await page.getByTestId('login-form').getByRole('button', { name: 'Log in' }).click();
    await this.until('account-name', new RegExp(`^${name}$`));
  }

  text(id: string): Promise<string> {
    return this.page.getByTestId(id).first().innerText();
  }

  until(id: string, pattern: RegExp): Promise<unknown> {
    return this.page.waitForFunction(
      ([testId, source, flags]) => {
        const found = document.querySelector(`[data-testid="${testId}"]`);
        return found !== null && new RegExp(source ?? '', flags).test(found.textContent ?? '');
      },
      [id, pattern.source, pattern.flags] as const,
      { timeout: WAIT_MS },
    );
  }

  async close(): Promise<void> {
    await this.#browser.close();
    await this.otedama.stop();
    this.#scratch.remove();
  }
}
