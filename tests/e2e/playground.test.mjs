// Contoso's employee in the real client: from the welcome to another department and back, with both kinds of buttons, in two languages.
// And an employee with a person of the desk, each in front of a client of their own.
import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Chat, OUT } from './playground.mjs';

// What Contoso's files say (deploy/contoso): change it here when they change. Texts are parts of what a card shows.
const WELCOME = 'Welcome to Contoso';
const FIRST_WORDS = 'hello';
const FRONT_DESK = 'What is it about?';
const TO_IT = 'IT Service Desk';
const IT_MENU = 'How can IT help?';
const LAPTOP = 'New laptop';
const LAPTOP_FORM = 'Tell us about the laptop you need.';
const LAPTOP_FIELDS = { Model: 'Air', Why: 'The old one has a broken hinge.' };
const SEND = 'Send';
const LAPTOP_LEFT = /IT has your request as IT-\d+: one laptop, model Air/;
const TO_HR = 'hr';
const TRANSFER = 'You are now with Human Resources';
const HR_MENU = 'What can HR do for you?';
const LEAVE = {
  form: 'Which days do you want to be away?',
  sentence: 'Annual leave from 12/21/2026 until 12/24/2026, 4 days please',
  understood: /I have: Kind of leave: Annual; First day: Dec 21, 2026/,
  change: 'Last day: 12/23/2026',
  changed: /I have: Last day: Dec 23, 2026/,
  left: /HR has your request as HR-\d+/,
};
const UNDO = 'Wrong department';
const BACK = 'You are back with Front Desk.';
/** The product's own words, and the signs of the departments; the German of Contoso's files is not relied on. */
const GERMAN = { firstWords: 'Hallo', send: 'Senden', transfer: 'Sie sind jetzt bei', undo: 'Falsche Abteilung', frontDesk: /FD-\d+/, it: /IT-\d+/, hr: /HR-\d+/, toHr: 'Personalabteilung' };

/** What IT's FAQ says to a question asked at the front desk. */
const ANSWERS = {
  question: 'how do i get into the vpn from home',
  theirs: 'IT Service Desk has an answer to this.',
  best: /from the Start menu, choose the gateway of your country/,
  second: 'The VPN keeps disconnecting',
  folded: /accept their terms/,
  go: 'Go to IT Service Desk',
  transfer: 'You are now with IT Service Desk',
  fits: /Did you mean|How can IT help/,
};

/** A company with a desk (tests/companies/desk), and what its files and the product say there. */
const DESK = {
  company: join(dirname(fileURLToPath(import.meta.url)), '../companies/desk'),
  channel: 'IT Service Desk',
  agent: 'Megan Bowen',
  question: 'my laptop is broken',
  form: 'What is it?',
  fields: { Topic: 'Laptop', Machine: 'ThinkPad' },
  connected: 'This channel is the desk of IT now.',
  queue: 'You are number 1 in the queue.',
  brief: 'Alex Wilber has been waiting for a person since',
  take: 'Take',
  joined: 'Megan Bowen from IT is here now.',
  hello: 'Hello Alex, what does it do?',
  answer: 'It beeps *twice* and stays dark.',
  note: '// the battery again, as on Monday',
  advice: 'That is the battery. Here comes a new one.',
  resolve: 'Resolve',
  outcome: { Outcome: 'Solved', 'Notes for the record': 'A new battery is on its way.' },
  closed: 'Solved by Megan Bowen',
  survey: 'How was the help?',
  comment: { 'Anything to add?': 'That was quick.' },
  rating: '5',
  thanks: 'Thank you.',
};

const DEPLOY = join(dirname(fileURLToPath(import.meta.url)), '../../deploy');
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
  await chat.seeCard(LAPTOP_LEFT);
  // The message lies at IT's desk; the employee is free.
  await chat.say(TO_HR);
  await chat.seeCard(TRANSFER);
  await chat.seeCard(HR_MENU);
  await chat.quiet();
}

/** A picture of the scenario, kept for the READMEs when asked to. */
async function keep(chat, name) {
  const picture = await chat.picture(name);
  if (process.env.BLESS) copyFileSync(picture, join(DEPLOY, `${name}.png`));
}

before(() => {
  rmSync(OUT, { recursive: true, force: true });
  mkdirSync(OUT, { recursive: true });
});

scenario('an employee comes to IT, orders a laptop and moves on to HR', {}, async (chat) => {
  await walk(chat);
  const clicks = chat.clicks().map(({ request }) => request.body);
  assert.ok(clicks.every((body) => body.type === 'invoke' && body.value.action.type === 'Action.Execute'), 'every button is an Action.Execute');
  await keep(chat, 'playground');
});

scenario('a client that does not know Action.Execute comes equally far', { olderClient: true }, async (chat) => {
  await walk(chat);
  const clicks = chat.clicks().map(({ request }) => request.body);
  assert.ok(clicks.length >= 3 && clicks.every((body) => body.type === 'message'), 'every button was an Action.Submit');
  const filled = clicks.find(({ value }) => Object.values(LAPTOP_FIELDS).every((text) => Object.values(value).includes(text)));
  assert.ok(filled, 'the form arrived with what was filled in');
});

scenario('an employee in the wrong department goes back', {}, async (chat) => {
  await walk(chat);
  const menus = await chat.showing(FRONT_DESK).count();
  await chat.press(UNDO);
  await chat.see(BACK);
  await chat.quiet();
  assert.equal(await chat.showing(FRONT_DESK).count(), menus + 1, 'the front desk asks');
  assert.equal(await chat.page.getByRole('button', { name: UNDO, exact: true }).count(), 0, 'what was taken back cannot be taken back again');
  await keep(chat, 'playground-undo');
  await chat.press(TO_IT);
  await chat.seeCard(IT_MENU);
  await chat.quiet();
});

scenario('a question in their own words is answered by the department that knows, and the employee goes there', {}, async (chat) => {
  await chat.seeCard(/Welcome to Contoso/);
  await chat.quiet();
  // The first words are an answer.
  await chat.say(ANSWERS.question);
  const card = await chat.seeCard(ANSWERS.theirs);
  await card.getByText(ANSWERS.best).waitFor({ state: 'visible' });
  assert.equal(await card.getByText(ANSWERS.folded).isVisible(), false, 'the second answer is folded');
  await card.getByText(ANSWERS.second).click();
  await card.getByText(ANSWERS.folded).waitFor({ state: 'visible' });
  await keep(chat, 'playground-answers');
  await chat.press(ANSWERS.go);
  await chat.seeCard(ANSWERS.transfer);
  await chat.seeCard(ANSWERS.fits);
  await chat.quiet();
});

scenario('a form takes a sentence, shows what it understood and lets it be changed', {}, async (chat) => {
  await chat.seeCard(WELCOME);
  await chat.quiet();
  await chat.say('hr');
  await chat.seeCard(HR_MENU);
  await chat.say('leave');
  await chat.seeCard(LEAVE.form);
  await chat.say(LEAVE.sentence);
  await chat.seeCard(LEAVE.understood);
  await chat.say(LEAVE.change);
  await chat.seeCard(LEAVE.changed);
  await chat.quiet();
  await keep(chat, 'playground-form');
  await chat.say('yes');
  await chat.seeCard(LEAVE.left);
  await chat.quiet();
});

scenario('an employee who speaks German is answered in German', { locale: 'de-DE' }, async (chat) => {
  await chat.seeCard(/Willkommen bei Contoso|Welcome to Contoso/);
  await chat.quiet();
  await chat.say(GERMAN.firstWords);
  await chat.seeCard(GERMAN.frontDesk);
  await chat.pressAt(0);
  await chat.seeCard(GERMAN.transfer);
  await chat.seeCard(GERMAN.undo);
  await chat.seeCard(GERMAN.it);
  await chat.quiet();
  await chat.pressAt(1);
  const form = await chat.seeCard(GERMAN.it);
  await chat.page.getByRole('button', { name: GERMAN.send, exact: true }).last().waitFor();
  await form.getByRole('radio').first().check();
  await form.locator('textarea').first().fill('Das Scharnier ist gebrochen.');
  await chat.press(GERMAN.send);
  await chat.quiet();
  await chat.say(GERMAN.toHr);
  await chat.seeCard(GERMAN.hr);
  await chat.quiet();
  assert.equal(await chat.showing(GERMAN.transfer).count(), 2, 'to IT and on to HR');
  assert.equal(await chat.showing('You are now with').count(), 0, 'no English of the product itself');
  await keep(chat, 'playground-german');
});

scenario('an employee and a person of the desk talk through a thread of the channel', { company: DESK.company }, async (guest) => {
  const agent = await Chat.open({ beside: guest, person: DESK.agent });
  chats.push(agent);
  try {
    await agent.enter(DESK.channel);
    const { command } = await guest.api('/desks/it/code', 'POST');
    await agent.mention(command);
    await agent.seeThread(DESK.connected);

    await guest.say(DESK.question);
    await guest.seeCard(DESK.form);
    await guest.fill(DESK.fields);
    await guest.press(SEND);
    await guest.see(DESK.queue);
    await agent.seeThread(DESK.brief);
    const thread = agent.threads(DESK.question);
    const opened = agent.sent().find(({ request }) => request.url.endsWith('/v3/conversations'));
    assert.equal(opened.response.status, 201);
    assert.match(opened.response.body.id, /^19:.+;messageid=.+$/);
    assert.ok(opened.response.body.activityId);

    await agent.press(DESK.take);
    await guest.see(DESK.joined);
    await agent.mention(DESK.hello, thread);
    await guest.see(DESK.hello);
    await guest.say(DESK.answer);
    await thread.getByText(DESK.answer).waitFor();
    await agent.mention(DESK.note, thread);
    await agent.mention(DESK.advice, thread);
    await guest.see(DESK.advice);
    await agent.quiet();
    assert.equal(await guest.showing('battery again').count(), 0, 'a note stays at the desk');
    for (const title of [DESK.resolve, 'Transfer', 'Give back']) await thread.getByRole('button', { name: title, exact: true }).waitFor();

    await agent.unfold(DESK.resolve);
    await agent.fill(DESK.outcome);
    await keep(agent, 'playground-desk');
    await agent.press(DESK.resolve);
    await agent.seeThread(DESK.closed);
    assert.equal(await thread.getByRole('button', { name: DESK.resolve, exact: true }).count(), 0, 'what is closed offers nothing');
    await guest.seeCard(DESK.survey);
    await guest.fill(DESK.comment);
    await keep(guest, 'playground-desk-employee');
    await guest.press(DESK.rating);
    await guest.see(DESK.thanks);
    await guest.quiet();

    const [{ id }] = (await guest.api('/sessions')).items;
    const transcript = await guest.api(`/sessions/${id}/transcript`);
    const said = transcript.items.filter(({ from }) => from === 'agent' || from === 'note').map(({ from, text }) => `${from}: ${text}`);
    const words = [`agent: ${DESK.hello}`, `note: ${DESK.note.slice(3)}`, `agent: ${DESK.advice}`];
    assert.deepEqual(said, words, 'the mention is no part of what was said');
    const { state, metadata } = await guest.api(`/sessions/${id}`);
    const { 'Agent.Name': name, 'Session.Rating': rating, 'Session.Status.ResolutionNotes': notes } = metadata;
    assert.deepEqual({ state, name, rating, notes }, { state: 'resolved', name: DESK.agent, rating: 5, notes: DESK.outcome['Notes for the record'] });
  } catch (error) {
    await agent.picture('failed-at-the-desk');
    throw error;
  } finally {
    await agent.close();
  }
});

test('what went over the wire is sound', () => {
  assert.equal(chats.length, 8);
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
  assert.deepEqual(chats.filter((chat) => !chat.beside).map(({ exit }) => exit), [0, 0, 0, 0, 0, 0, 0]);
});

after(() => console.log(`Pictures, logs and the wire: ${OUT}`));
