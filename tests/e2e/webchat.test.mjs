// Contoso's employee in the real Web Chat, in both releases that IT admins and developers meet: every button does something.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WebChat } from './webchat.mjs';

for (const [version, channelId] of [['4.18.1', 'webchat'], ['4.15.6', 'emulator']]) {
  test(`Web Chat ${version}: menus, a form and a transfer by their buttons`, async () => {
    const chat = await WebChat.open({ version, channelId });
    try {
      await chat.see('Welcome to Contoso');
      await chat.say('hello');
      await chat.see('What is it about?');
      await chat.press('IT Service Desk');
      await chat.see('How can IT help?');
      await chat.press('New laptop');
      await chat.see('Tell us about the laptop you need.');
      await chat.fill('Model', 'Air');
      await chat.fill('Why', 'The old one has a broken hinge.');
      await chat.press('Send');
      await chat.see(/one laptop, model Air/);
      await chat.say('hr');
      await chat.see('What can HR do for you?');
      await chat.press('Wrong department');
      await chat.see('You are back with Front Desk.');
      await chat.picture(`webchat-${version}`);

      assert.deepEqual(chat.line.received.map(({ status }) => status).filter((status) => status !== 200), []);
      assert.deepEqual(chat.line.sent.filter(({ method }) => method === 'PUT'), [], 'nothing can be replaced in Web Chat, so nothing is tried');
      const cards = chat.line.sent.flatMap(({ activity }) => activity.attachments ?? []);
      assert.ok(cards.length > 4);
      assert.ok(!JSON.stringify(cards).includes('Action.Execute'), 'Web Chat sends nothing for Action.Execute');
      assert.equal(chat.clicks().length, 4);
    } finally {
      await chat.picture(`webchat-${version}-end`).catch(() => {});
      await chat.close();
    }
  });
}
