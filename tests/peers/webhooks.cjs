// Verifies what Switchboard signed (webhooks.json) with the library that receivers use, and that nothing else is verified.
'use strict';

const { readFileSync } = require('node:fs');
const { join } = require('node:path');
const { Webhook } = require('standardwebhooks');
// Its package does not export package.json.
const { version } = JSON.parse(readFileSync(join(require.resolve('standardwebhooks'), '..', '..', 'package.json'), 'utf8'));

const signed = JSON.parse(readFileSync(join(__dirname, 'webhooks.json'), 'utf8'));
const differs = [];
const verifies = ({ secret, id, timestamp, body, signature }) => {
  // The library lets pass what is at most five minutes old: it is so late.
  Date.now = () => signed[0].timestamp * 1000;
  try {
    new Webhook(secret).verify(body, { 'webhook-id': id, 'webhook-timestamp': String(timestamp), 'webhook-signature': signature });
    return true;
  } catch (error) {
    return error.message;
  }
};
for (const one of signed) {
  const said = verifies(one);
  if (said !== true) differs.push(`${one.secret} ${one.id}: ${said}`);
  const other = signed.find(({ secret }) => secret.slice(0, 20) !== one.secret.slice(0, 20)).secret;
  const changes = { body: one.body.replace('{', '{ '), id: `${one.id}x`, timestamp: one.timestamp - 1, secret: other };
  for (const [name, value] of Object.entries(changes)) {
    const said = verifies({ ...one, [name]: value });
    if (said !== 'No matching signature found') differs.push(`${one.secret} ${one.id} with another ${name}: ${said}`);
  }
}
for (const difference of differs) console.error(difference);
if (differs.length > 0 || signed.length === 0) process.exit(1);
console.log(`${version}: ${signed.length} signatures of ours verified, ${4 * signed.length} changed ones refused`);
