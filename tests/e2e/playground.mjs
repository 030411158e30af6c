// The real Microsoft 365 Agents Playground in a headless Chromium, seen and used as a person does it.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';
import { freePort, start } from './programs.mjs';
import { record } from './recorder.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const require = createRequire(import.meta.url);

/** Where screenshots, logs and the wire of the last run are. */
export const OUT = join(here, 'out');
/** Every request and answer between the Playground and the bot, in both directions. */
export const WIRE = join(OUT, 'wire.jsonl');

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
/** The program under test. */
/** The token of switchboard's admin API. */
const ADMIN = 'for-the-tests-in-the-real-client';
export const BINARY = resolve(here, process.env.SWITCHBOARD_BIN ?? '../../target/debug/switchboard');
/** The browser's window: narrow, so that the person's words stand near the bot's, and high, so that a picture tells a story. */
const WINDOW = { width: 1060, height: 1320 };
/** How long anything may take to appear. */
const PATIENCE = 15_000;
/**
 * The Playground's page loses what a bot posts before the page's own request was answered, which a fast bot manages.
 * Teams has no such gap, so the test waits, not the product.
 */
const HOLD_CONNECTOR = 200;

/** What a client does that has never heard of Action.Execute: it takes the action's fallback, or drops the action. */
const forgetExecute = (value) => {
  if (Array.isArray(value)) return value.map(forgetExecute).filter((item) => item !== undefined);
  if (value === null || typeof value !== 'object') return value;
  if (value.type === 'Action.Execute') return typeof value.fallback === 'object' ? forgetExecute(value.fallback) : undefined;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, forgetExecute(inner)]));
};

/**
 * The Playground says en-US, whatever the browser prefers, so a person with another language is made on the way: everywhere
 * where an activity names a language, as Teams would fill it in.
 */
const speak = (locale) => (activity) => {
  const country = locale.split('-')[1];
  if (activity.locale) activity.locale = locale;
  for (const entity of activity.entities ?? []) {
    if (entity.type !== 'clientInfo') continue;
    entity.locale = locale;
    if (entity.country) entity.country = country;
  }
  return activity;
};

/** The built binary with its sample company or another, an empty store in memory, and no Microsoft account. */
export async function startSwitchboard(company) {
  if (!existsSync(BINARY)) throw new Error(`${BINARY} does not exist: run \`cargo build\` first, or set SWITCHBOARD_BIN.`);
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const args = ['run', '--listen', `127.0.0.1:${port}`, '--store', 'memory:', ...(company ? ['--company', company] : [])];
  const options = { cwd: OUT, log: join(OUT, 'switchboard.log'), url: `${origin}/healthz`, env: { SWITCHBOARD_ADMIN_TOKEN: ADMIN } };
  const program = await start('switchboard', BINARY, args, options);
  return { origin, stop: program.stop };
}

/**
 * The Playground pretends one person. For a second one it is started a second time: the same team, with another member in front of it, and
 * with a personal chat of their own.
 */
function peopleFor(person) {
  const own = join(here, 'playground.yml');
  if (!person) return own;
  const lines = readFileSync(own, 'utf8').split('\n');
  const at = lines.findIndex((line) => line.startsWith('currentUser:'));
  const to = lines.findIndex((line) => line.includes(`name: ${person},`));
  if (to < 0) throw new Error(`${own} knows no ${person}`);
  const who = (line) => line.slice(line.indexOf('{'));
  const [current, other] = [who(lines[at]), who(lines[to])];
  lines[at] = `currentUser: ${other}`;
  lines[to] = `  - ${current}`;
  const file = join(OUT, `playground-${person.replace(/\W+/g, '-')}.yml`);
  writeFileSync(file, lines.join('\n').replace('a:1Personal_Chat', `a:1${person.replace(/\W+/g, '_')}`));
  return file;
}

async function startPlayground(endpoint, person, serviceUrlOf) {
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const service = await serviceUrlOf(origin);
  const cli = join(dirname(require.resolve('@microsoft/m365agentsplayground/package.json')), 'cli.js');
  const args = [cli, 'start', '--disable-telemetry', '--port', String(port), '--app-endpoint', endpoint, '--service-url', `${service}/_connector`];
  const program = await start('the Playground', process.execPath, args, {
    cwd: OUT,
    log: join(OUT, 'playground.log'),
    url: `${origin}/_debug/ping`,
    env: {
      TEAMSAPPTESTER_BROWSER: 'none',
      M365_AGENTS_PLAYGROUND_CONFIG_PATH: peopleFor(person),
      M365_AGENTS_PLAYGROUND_LOGFILE: join(OUT, 'playground-requests.log'),
    },
  });
  return { page: `http://localhost:${port}/`, stop: program.stop };
}

export async function openBrowser() {
  if (!existsSync(CHROMIUM)) {
    throw new Error(`There is no Chromium at ${CHROMIUM}: install it (Debian: apt-get install chromium fonts-dejavu-core), or set CHROMIUM to its path.`);
  }
  return chromium.launch({
    executablePath: CHROMIUM,
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE localhost , EXCLUDE 127.0.0.1'],
  });
}

/** One employee in front of the Playground's personal chat with a freshly started switchboard behind it. */
export class Chat {
  #closers = [];

  /**
   * @param {object} [options]
   * @param {boolean} [options.olderClient] behave as a client that does not know Action.Execute and takes its fallback
   * @param {string} [options.locale] the person's language and country, else en-US
   * @param {string} [options.company] the folder of the company, else the built-in one
   * @param {string} [options.person] a member of the team who sits in front of it, else the current user of playground.yml
   * @param {Chat} [options.beside] the chat whose switchboard this one shares
   */
  static async open(options = {}) {
    mkdirSync(OUT, { recursive: true });
    const chat = new Chat();
    try {
      await chat.#open(options);
      return chat;
    } catch (error) {
      await chat.close();
      throw error;
    }
  }

  async #open({ olderClient = false, locale, company, person, beside }) {
    this.beside = beside;
    if (beside) {
      this.bot = beside.bot;
    } else {
      const program = await startSwitchboard(company);
      this.bot = program.origin;
      this.#closers.push(async () => (this.exit = await program.stop()));
    }
    this.toBot = await record({ leg: 'playground->bot', target: this.bot, file: WIRE, change: locale && speak(locale) });
    this.#closers.push(this.toBot.stop);
    const playground = await startPlayground(`${this.toBot.origin}/api/messages`, person, async (origin) => {
      const change = olderClient ? forgetExecute : undefined;
      this.fromBot = await record({ leg: 'bot->connector', target: origin, file: WIRE, hold: HOLD_CONNECTOR, change });
      this.#closers.push(this.fromBot.stop);
      return this.fromBot.origin;
    });
    this.#closers.push(playground.stop);
    const browser = await openBrowser();
    this.#closers.push(() => browser.close());

    this.page = await browser.newPage({ viewport: WINDOW, locale: locale ?? 'en-US' });
    this.page.setDefaultTimeout(PATIENCE);
    await this.page.goto(playground.page);
    // The log panel repeats every text and names files of this machine: it would spoil both what is looked for and the picture.
    await this.page.getByTitle('Hide log panel').click();
    await this.until('first contact', () => this.received('installationUpdate').length > 0 && this.received('conversationUpdate').length > 0);
  }

  /** The messages of the chat, oldest first; not the list of chats, which repeats the last one. */
  get messages() {
    return this.page.locator('div:has(> [aria-label="Message header"])');
  }

  /** The messages that show `text`, a string or a pattern. */
  showing(text) {
    return this.messages.filter({ hasText: text });
  }

  /** Waits until a message shows `text` and returns the newest that does. */
  async see(text) {
    const message = this.showing(text).last();
    await message.waitFor({ state: 'visible' });
    return message;
  }

  /** Waits until a card shows `text` and returns the newest that does. */
  async seeCard(text) {
    const card = this.page.locator('.ac-adaptiveCard').filter({ hasText: text }).last();
    await card.waitFor({ state: 'visible' });
    return card;
  }

  /** Types `text` and sends it. */
  async say(text) {
    const same = () => this.received('message').filter(({ request }) => request.body.text === text).length;
    const answered = same();
    await this.page.getByRole('textbox').last().click();
    await this.page.keyboard.type(text);
    await this.page.keyboard.press('Enter');
    await this.until(`the message ${JSON.stringify(text)} at the bot`, () => same() > answered);
  }

  /** Opens a channel of the team, by its name. */
  async enter(channel) {
    const installed = () => this.received('installationUpdate').length;
    const before = installed();
    // The list of chats and channels is folded away in a narrow window.
    await this.page.getByTitle('Toggle app bar and conversation window').click();
    await this.page.getByRole('treeitem', { name: channel }).click();
    await this.until(`the installation in ${channel}`, () => installed() > before);
  }

  /** A channel's posts with their replies, those that show `text`. */
  threads(text) {
    return this.page.getByRole('group').filter({ has: this.page.getByRole('textbox'), hasText: text });
  }

  /** Waits until a thread shows `text` and returns it. */
  async seeThread(text) {
    const thread = this.threads(text).first();
    await thread.waitFor({ state: 'visible' });
    return thread;
  }

  /** Mentions the bot and says `text`: in a new post of the channel, or as a reply in `thread`. Without a mention the Playground sends nothing. */
  async mention(text, thread) {
    const same = () => this.received('message').filter(({ request }) => request.body.text?.endsWith(text)).length;
    const answered = same();
    const box = (thread ?? this.page).getByRole('textbox').first();
    await box.click();
    await this.#callTheBot();
    await this.page.keyboard.type(` ${text}`);
    await this.page.keyboard.press('Enter');
    await this.until(`the message ${JSON.stringify(text)} at the bot`, () => same() > answered);
  }

  /** The list of who can be mentioned does not open at every first try. */
  async #callTheBot() {
    const name = 'Switchboard';
    const choice = this.page.locator('[role=option],[role=menuitem],li').filter({ hasText: name }).first();
    for (let tries = 5; ; tries--) {
      const typed = `@${name.slice(0, 4)}`;
      await this.page.keyboard.type(typed, { delay: 40 });
      try {
        return await choice.click({ timeout: 2500 });
      } catch (error) {
        if (tries === 0) throw error;
        for (const _ of typed) await this.page.keyboard.press('Backspace');
      }
    }
  }

  /** Presses the newest button with this title. */
  async press(title) {
    const answered = this.clicks().length;
    await this.page.locator('.ac-adaptiveCard').getByRole('button', { name: title, exact: true }).last().click();
    await this.until(`the click on ${JSON.stringify(title)} at the bot`, () => this.clicks().length > answered);
  }

  /** Unfolds the part of the newest card that hides behind the button with this title. */
  async unfold(title) {
    await this.page.locator('.ac-adaptiveCard').getByRole('button', { name: title, exact: true }).last().click();
  }

  /** Presses a button of the newest card that has any, by its place: for titles in a language that the test does not know. */
  async pressAt(index) {
    const answered = this.clicks().length;
    const card = this.page.locator('.ac-adaptiveCard').filter({ has: this.page.getByRole('button') }).last();
    await card.getByRole('button').nth(index).click();
    await this.until(`the click on button ${index} at the bot`, () => this.clicks().length > answered);
  }

  /** Fills in the fields of the newest card by their labels. A choice is named by its title. */
  async fill(fields) {
    for (const [label, value] of Object.entries(fields)) {
      // The label of a required field is followed by a mark.
      const pattern = new RegExp(`^${label.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}\\s*\\*?`);
      const card = this.page.locator('.ac-adaptiveCard').filter({ hasText: label }).last();
      const option = card.getByRole('radio', { name: value, exact: true });
      if (await option.count()) {
        await option.first().check();
        continue;
      }
      const field = card.getByLabel(pattern).first();
      if ((await field.evaluate((element) => element.tagName)) === 'SELECT') await field.selectOption({ label: value });
      else await field.fill(value);
    }
  }

  /** The activities of one type that the bot has answered. */
  received(type) {
    return this.toBot.exchanges.filter(({ request }) => request.body?.type === type);
  }

  /** The clicks that the bot has answered, whichever way the client sent them. */
  clicks() {
    return this.toBot.exchanges.filter(({ request: { body } }) => (body?.type === 'invoke' && body.name === 'adaptiveCard/action') || (body?.type === 'message' && body.value));
  }

  /** What the bot has sent to the connector. */
  sent() {
    return this.fromBot.exchanges;
  }

  /** What switchboard's admin API answers. */
  async api(path, method = 'GET') {
    const answer = await fetch(`${this.bot}/api/v1${path}`, { method, headers: { authorization: `Bearer ${ADMIN}` } });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  }

  /** Waits until nothing has passed for a while. */
  async quiet() {
    let before;
    do {
      before = this.sent().length + this.toBot.exchanges.length;
      await this.page.waitForTimeout(1500);
    } while (before !== this.sent().length + this.toBot.exchanges.length);
  }

  async until(what, condition) {
    for (const end = Date.now() + PATIENCE; !condition(); await new Promise((done) => setTimeout(done, 50))) {
      if (Date.now() > end) throw new Error(`${what} did not come within ${PATIENCE / 1000} s`);
    }
  }

  /** Saves what the person sees as out/`name`.png. */
  async picture(name) {
    const path = join(OUT, `${name}.png`);
    await this.page.screenshot({ path });
    return path;
  }

  /** Stops everything; afterwards `exit` is the exit code of switchboard. */
  async close() {
    for (const closer of this.#closers.reverse()) await closer();
    this.#closers = [];
  }
}
