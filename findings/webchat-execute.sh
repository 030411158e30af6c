#!/usr/bin/env bash
# Package: botframework-webchat 4.18.1 (npm), in a Chromium driven by playwright-core 1.65.1
# Guess:   a client that does not support Action.Execute shows its fallback, here an Action.Submit; one that shows it sends an invoke.
# Does:    it draws the Action.Execute, so that the fallback never shows, and sends nothing when it is clicked. Action.Submit is sent.
# Needs a Chromium: $CHROMIUM, or /usr/bin/chromium.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"

npm init --yes >/dev/null
npm install --silent --ignore-scripts --no-audit --no-fund playwright-core@1.65.1
# Its bundle stands alone; nothing else of the package is needed.
npm pack --silent --ignore-scripts botframework-webchat@4.18.1 >/dev/null
tar xzf botframework-webchat-4.18.1.tgz package/dist/webchat.js
cat > try.mjs <<'NODE'
import { readFileSync } from 'node:fs';
import http from 'node:http';
import { chromium } from 'playwright-core';

const card = (...actions) => ({
  type: 'message', id: '1', timestamp: new Date().toISOString(), from: { id: 'bot', role: 'bot' }, conversation: { id: 'c' },
  attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', content: { type: 'AdaptiveCard', version: '1.4', actions } }],
});
const activities = [card(
  { type: 'Action.Execute', title: 'Execute', verb: 'go', data: { by: 'execute' }, fallback: { type: 'Action.Submit', title: 'Fallback', data: { by: 'fallback' } } },
  { type: 'Action.Submit', title: 'Submit', data: { by: 'submit' } },
)];
const page = `<!doctype html><meta charset="utf-8"><div id="chat"></div><script src="/webchat.js"></script><script>
WebChat.renderWebChat({ directLine: WebChat.createDirectLine({ domain: location.origin + '/dl', token: 'x', webSocket: false, pollingInterval: 100 }),
  userID: 'dl_me' }, document.getElementById('chat'))</script>`;
const sent = [];
const server = http.createServer(async (request, response) => {
  let body = '';
  for await (const chunk of request) body += chunk;
  const url = new URL(request.url, 'http://x');
  const json = (value) => response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value));
  if (url.pathname === '/') response.writeHead(200, { 'content-type': 'text/html' }).end(page);
  else if (url.pathname === '/webchat.js') response.writeHead(200, { 'content-type': 'text/javascript' }).end(readFileSync('package/dist/webchat.js'));
  else if (url.pathname === '/dl/conversations') json({ conversationId: 'c', token: 'x', expires_in: 3600 });
  else if (request.method === 'POST' && url.pathname.endsWith('/activities')) {
    const activity = JSON.parse(body);
    if (activity.value || activity.type === 'invoke') sent.push(`${activity.type} ${JSON.stringify(activity.value)}`);
    json({ id: String(Date.now()) });
  } else {
    const from = Number(url.searchParams.get('watermark') || 0);
    json({ activities: activities.slice(from), watermark: String(activities.length) });
  }
});
await new Promise((done) => server.listen(0, '127.0.0.1', done));
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM || '/usr/bin/chromium', args: ['--no-sandbox'] });
const tab = await browser.newPage();
await tab.goto(`http://127.0.0.1:${server.address().port}/`);
const buttons = tab.locator('.ac-adaptiveCard button');
await buttons.first().waitFor();
console.log('buttons:', (await buttons.allTextContents()).join(', '));
for (const title of ['Execute', 'Submit']) {
  const before = sent.length;
  await tab.getByRole('button', { name: title, exact: true }).click();
  // What comes of the other button comes within moments.
  for (const end = Date.now() + 5000; sent.length === before && Date.now() < end;) await new Promise((done) => setTimeout(done, 100));
  console.log(`${title}:`, sent.slice(before).join('; ') || 'nothing is sent');
}
await browser.close();
server.closeAllConnections();
server.close();
NODE
node try.mjs | tee is.txt
diff - is.txt <<'TEXT'
buttons: Execute, Submit
Execute: nothing is sent
Submit: message {"by":"submit"}
TEXT
echo "As found."
