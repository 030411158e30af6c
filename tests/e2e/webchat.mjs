// The real Web Chat in a headless Chromium, with switchboard behind a stand-in for Direct Line: what Azure's "Test in Web Chat" (4.18.1)
// and the Bot Framework Emulator (4.15.6) show. The stand-in is as small as the protocol lets it be, and as strict as Azure: nothing
// that was sent can be replaced.
import { execFileSync } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import http from 'node:http';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { OUT, openBrowser, startSwitchboard } from './playground.mjs';

const here = dirname(fileURLToPath(import.meta.url));
/** How long anything may take to appear. */
const PATIENCE = 15_000;

/** The releases that are tried, with what npm says of them. Their bundles stand alone, so nothing else of theirs is installed. */
const RELEASES = {
  '4.18.1': 'sha512-7jpEUJ7olT62Xm+8eh7BhhIcXVfU2xD4pZDaeBt8K4XcNy6K/83UGIxE9BFkXmHMZ4hDEVOzs5cre07GWuaXzg==',
  '4.15.6': 'sha512-4z+gHiWxWUaR/Y2Fhk8zq+hfpvTWbXX3sfcyzhv1NoeRAyQQrQfd8Op3eAF3ir+DxvfJrIlGY+jfDw85buMQCA==',
};

/** The path of a release's bundle; fetched once. */
function bundleOf(version) {
  const folder = join(here, 'node_modules', '.cache', `webchat-${version}`);
  const bundle = join(folder, 'package', 'dist', 'webchat.js');
  if (existsSync(bundle)) return bundle;
  const fresh = `${folder}.${process.pid}`;
  mkdirSync(fresh, { recursive: true });
  const packed = JSON.parse(execFileSync('npm', ['pack', '--json', '--ignore-scripts', `botframework-webchat@${version}`], { cwd: fresh, encoding: 'utf8' }));
  const file = join(fresh, packed[0].filename);
  const digest = `sha512-${createHash('sha512').update(readFileSync(file)).digest('base64')}`;
  if (digest !== RELEASES[version]) throw new Error(`botframework-webchat ${version} is not the one that was tried: ${digest}`);
  execFileSync('tar', ['xzf', file, '-C', fresh, 'package/dist/webchat.js']);
  rmSync(folder, { recursive: true, force: true });
  renameSync(fresh, folder);
  return bundle;
}

const page = `<!doctype html><meta charset="utf-8"><title>Web Chat</title>
<style>html,body,#chat{height:100%;margin:0}</style><div id="chat"></div><script src="/webchat.js"></script>
<script>WebChat.renderWebChat({
  directLine: WebChat.createDirectLine({ domain: location.origin + '/v3/directline', token: 'x', webSocket: false, pollingInterval: 200 }),
  userID: 'dl_alex', username: 'Alex Wilber', locale: 'en-US' }, document.getElementById('chat'));</script>`;

const read = async (request) => {
  let text = '';
  for await (const chunk of request) text += chunk;
  return text ? JSON.parse(text) : undefined;
};

/** Direct Line to the page, and the connector to the bot. */
async function directLine({ bot, bundle, channelId }) {
  const history = [];
  /** What the page sent, and what the bot answered. */
  const received = [];
  /** What the bot asked of the connector: method and activity. */
  const sent = [];
  const conversation = { id: `${randomUUID()}|livechat` };
  let origin;
  const toBot = async (activity) => {
    const whole = {
      ...activity, id: randomUUID(), channelId, conversation, serviceUrl: `${origin}/_connector`, timestamp: new Date().toISOString(),
      recipient: { id: 'bot', name: 'Switchboard', role: 'bot' },
    };
    const answer = await fetch(`${bot}/api/messages`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(whole) });
    await answer.text();
    received.push({ activity: whole, status: answer.status });
    return whole;
  };
  const routes = [
    ['GET', /^\/$/, () => [200, page, 'text/html']],
    ['GET', /^\/webchat\.js$/, () => [200, readFileSync(bundle), 'text/javascript']],
    ['POST', /^\/v3\/directline\/conversations$/, async () => {
      await toBot({ type: 'conversationUpdate', from: { id: 'dl_alex' }, membersAdded: [{ id: 'bot', name: 'Switchboard' }, { id: 'dl_alex' }] });
      return [201, { conversationId: conversation.id, token: 'x', expires_in: 3600 }];
    }],
    ['POST', /^\/v3\/directline\/tokens\/refresh$/, () => [200, { conversationId: conversation.id, token: 'x', expires_in: 3600 }]],
    ['GET', /^\/v3\/directline\/conversations\/[^/]+\/activities/, (_, url) => {
      const from = Number(url.searchParams.get('watermark') || 0);
      return [200, { activities: history.slice(from), watermark: String(history.length) }];
    }],
    ['POST', /^\/v3\/directline\/conversations\/[^/]+\/activities$/, async (activity) => {
      const whole = await toBot(activity);
      history.push(whole);
      return [200, { id: whole.id }];
    }],
    ['POST', /^\/_connector\/v3\/conversations\/[^/]+\/activities(\/[^/]+)?$/, (activity) => {
      const whole = { ...activity, id: randomUUID(), timestamp: new Date().toISOString(), from: { ...activity.from, role: 'bot' } };
      sent.push({ method: 'POST', activity: whole });
      history.push(whole);
      return [200, { id: whole.id }];
    }],
    ['PUT', /^\/_connector\//, (activity) => {
      sent.push({ method: 'PUT', activity });
      return [405, { error: { code: 'BadArgument', message: 'This channel does not support this operation' } }];
    }],
  ];
  const server = http.createServer(async (request, response) => {
    const url = new URL(request.url, 'http://127.0.0.1');
    const route = routes.find(([method, path]) => method === request.method && path.test(url.pathname));
    try {
      const [status, body, type = 'application/json'] = route ? await route[2](await read(request), url) : [404, {}];
      response.writeHead(status, { 'content-type': type }).end(type === 'application/json' ? JSON.stringify(body) : body);
    } catch (error) {
      response.writeHead(502).end(String(error));
    }
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  origin = `http://127.0.0.1:${server.address().port}`;
  return { origin, received, sent, stop: () => new Promise((done) => { server.closeAllConnections(); server.close(done); }) };
}

/** One employee in front of Web Chat. */
export class WebChat {
  #closers = [];

  static async open({ version, channelId }) {
    mkdirSync(OUT, { recursive: true });
    const chat = new WebChat();
    try {
      const bot = await startSwitchboard();
      chat.#closers.push(bot.stop);
      chat.line = await directLine({ bot: bot.origin, bundle: bundleOf(version), channelId });
      chat.#closers.push(chat.line.stop);
      const browser = await openBrowser();
      chat.#closers.push(() => browser.close());
      chat.page = await browser.newPage({ viewport: { width: 460, height: 900 }, locale: 'en-US' });
      chat.page.setDefaultTimeout(PATIENCE);
      await chat.page.goto(chat.line.origin);
      return chat;
    } catch (error) {
      await chat.close();
      throw error;
    }
  }

  /** What the employee did by clicking: messages with a value. */
  clicks() {
    return this.line.received.filter(({ activity }) => activity.type === 'message' && activity.value);
  }

  /** Waits until the chat shows `text`. */
  async see(text) {
    await this.page.locator('[class*="transcript"]').getByText(text).last().waitFor({ state: 'visible' });
  }

  async say(text) {
    const box = this.page.locator('[data-id="webchat-sendbox-input"], .webchat__send-box-text-box__input').first();
    await box.fill(text);
    await box.press('Enter');
  }

  /** Presses the newest button with this title; fails when nothing comes of it. */
  async press(title) {
    const before = this.clicks().length;
    await this.page.locator('.ac-adaptiveCard').getByRole('button', { name: title, exact: true }).last().click();
    for (const end = Date.now() + PATIENCE; this.clicks().length === before; await new Promise((done) => setTimeout(done, 50))) {
      if (Date.now() > end) throw new Error(`Web Chat sent nothing for the button ${JSON.stringify(title)}`);
    }
  }

  /** Fills in a field of the newest card that has it. */
  async fill(label, value) {
    const card = this.page.locator('.ac-adaptiveCard').filter({ hasText: label }).last();
    // Web Chat names a choice by the field's label and its own.
    const option = card.getByRole('radio', { name: new RegExp(`(^|\\s)${value}$`) });
    if (await option.count()) await option.first().check();
    else await card.getByLabel(new RegExp(`^${label}`)).first().fill(value);
  }

  async picture(name) {
    await this.page.screenshot({ path: join(OUT, `${name}.png`) });
  }

  async close() {
    for (const close of this.#closers.reverse()) await close();
  }
}
