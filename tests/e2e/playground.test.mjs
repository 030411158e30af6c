// Contoso's employee in the real client: from the welcome to another department, with both kinds of buttons.
import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Chat, OUT } from './playground.mjs';

// What Contoso's files say (deploy/contoso): change it here when they change. Texts are parts of what a card shows.
const WELCOME = /welcome/i;
const FIRST_WORDS = 'hello';
const FRONT_DESK = /what is it about|how can we help/i;
const TO_IT = 'IT Service Desk';
const IT_MENU = 'New laptop';
const LAPTOP = 'New laptop';
const LAPTOP_FORM = 'Model';
const LAPTOP_FIELDS = { Model: 'Air', Why: 'The old one has a broken hinge.' };
const SEND = 'Send';
/** What the employee does after the form to come to HR. */
const TO_HR = [{ press: 'Something for HR' }];
const TRANSFER = /HR/;
const HR_CARD = /Human Resources|HR/;

const README_PICTURE = join(dirname(fileURLToPath(import.meta.url)), '../../deploy/playground.png');
const chats = [];

/** Plays one scenario; when it fails, what the person saw is kept beside the wire. */
const scenario = (name, options, play) =>
  test(name, { timeout: 120_000 }, async () => {
    const chat = await Chat.open(options);
    chats.push(chat);
    try {
      await play(chat);
    } catch (error) {
      await chat.picture(`failed-${name.replace(/\W+/g, '-')}`);
      error.message += `\nThe chat shows:\n${(await chat.messages.allInnerTexts()).join('\n---\n')}`;
      throw error;
    } finally {
      await chat.close();
    }
  });

/** From the first contact to HR's first card. */
async function walk(chat) {
  await chat.seeCard(WELCOME);
  await chat.quiet();
  assert.equal(await chat.messages.count(), 1, 'Teams announces an installation twice; the welcome comes once');

  await chat.say(FIRST_WORDS);
  await chat.seeCard(FRONT_DESK);
  await chat.press(TO_IT);
  await chat.seeCard(IT_MENU);
  await chat.press(LAPTOP);
  await chat.seeCard(LAPTOP_FORM);
  await chat.fill(LAPTOP_FIELDS);
  await chat.press(SEND);
  for (const { press, say, see, fill } of TO_HR) {
    if (see) await chat.seeCard(see);
    if (fill) await chat.fill(fill);
    if (say) await chat.say(say);
    if (press) await chat.press(press);
  }
  await chat.see(TRANSFER);
  await chat.see(HR_CARD);
  await chat.quiet();
}

before(() => {
  rmSync(OUT, { recursive: true, force: true });
  mkdirSync(OUT, { recursive: true });
});

scenario('an employee comes to IT, orders a laptop and moves on to HR', {}, async (chat) => {
  await walk(chat);
  const clicks = chat.clicks().map(({ request }) => request.body);
  assert.ok(clicks.every((body) => body.type === 'invoke' && body.value.action.type === 'Action.Execute'), 'every button is an Action.Execute');
  const picture = await chat.picture('playground');
  if (process.env.BLESS) copyFileSync(picture, README_PICTURE);
});

scenario('a client that does not know Action.Execute comes equally far', { olderClient: true }, async (chat) => {
  await walk(chat);
  const clicks = chat.clicks().map(({ request }) => request.body);
  assert.ok(clicks.length >= 3 && clicks.every((body) => body.type === 'message'), 'every button was an Action.Submit');
  const filled = clicks.find(({ value }) => Object.values(LAPTOP_FIELDS).every((text) => Object.values(value).includes(text)));
  assert.ok(filled, 'the form arrived with what was filled in');
});

test('what went over the wire is sound', () => {
  assert.equal(chats.length, 2);
  for (const chat of chats) {
    for (const { request, response, error } of chat.toBot.exchanges.filter(({ request }) => request.method === 'POST')) {
      const what = `the answer to ${request.body.type} ${request.body.name ?? ''}`;
      assert.equal(response?.status, 200, `${what}: ${error ?? response.bodyText}`);
      if (request.body.type !== 'invoke') continue;
      assert.equal(response.body.statusCode, 200, `${what} has its own status`);
      assert.match(response.body.type, /^application\/vnd\.microsoft\.(card\.adaptive|activity\.message)$/, what);
    }
    for (const { request, response, error } of chat.sent()) {
      const what = `${request.method} ${request.url}`;
      assert.ok(response?.status < 300, `${what}: ${error ?? `${response.status} ${response.bodyText}`}`);
      const cards = (request.body?.attachments ?? []).filter(({ contentType }) => contentType === 'application/vnd.microsoft.card.adaptive');
      if (cards.length === 0) continue;
      assert.ok(request.body.summary, `${what}: a phone's notification shows the summary of a message with a card`);
      assert.ok(JSON.stringify(cards).length < 20_000, `${what}: a card for an employee stays under 20 KB`);
    }
  }
});

test('switchboard stops in order when it is asked to', () => {
  assert.deepEqual(chats.map(({ exit }) => exit), [0, 0]);
});

after(() => console.log(`Pictures, logs and the wire: ${OUT}`));
