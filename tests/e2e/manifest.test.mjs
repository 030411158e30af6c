// The app package that `switchboard manifest` writes, judged by Microsoft's own schemas.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import Ajv from 'ajv-draft-04';
import yauzl from 'yauzl';
import { BINARY, OUT } from './playground.mjs';

const require = createRequire(import.meta.url);

async function unzip(path) {
  const zip = await yauzl.openPromise(path);
  const files = {};
  for await (const entry of zip.eachEntry()) {
    const chunks = [];
    for await (const chunk of await zip.openReadStreamPromise(entry)) chunks.push(chunk);
    files[entry.fileName] = Buffer.concat(chunks);
  }
  return files;
}

/** What Microsoft's schema of this manifest version says against `value`. */
function complaints(version, schema, value) {
  const folder = dirname(require.resolve('@microsoft/app-manifest/package.json'));
  const file = join(folder, 'build/json-schemas/teams', `v${version}`, `MicrosoftTeams${schema}.schema.json`);
  // Its patterns are written for expressions without the `u` flag, its formats are not needed here.
  const validate = new Ajv({ strict: false, allErrors: true, unicodeRegExp: false, validateFormats: false }).compile(JSON.parse(readFileSync(file, 'utf8')));
  return validate(value) ? [] : validate.errors.map(({ instancePath, message }) => `${instancePath} ${message}`);
}

for (const more of [[], ['--no-channel-read']]) {
  test(['the app package fits Microsoft\'s schemas', ...more].join(' '), async () => {
    mkdirSync(OUT, { recursive: true });
    const path = join(OUT, 'app.zip');
    const args = ['manifest', '--out', path, '--app-id', 'a1b2c3d4-1111-4111-8111-abcdefabcdef', '--domain', 'bot.contoso.com', ...more];
    execFileSync(BINARY, args, { cwd: OUT, env: {} });
    const files = await unzip(path);
    const manifest = JSON.parse(files['manifest.json']);
    const { manifestVersion: version } = manifest;
    assert.deepEqual(complaints(version, '', manifest), []);
    const languages = manifest.localizationInfo.additionalLanguages.map(({ file }) => file);
    for (const file of languages) assert.deepEqual(complaints(version, '.Localization', JSON.parse(files[file])), [], file);
    assert.deepEqual(Object.keys(files).sort(), ['manifest.json', manifest.icons.color, manifest.icons.outline, ...languages].sort());
    // Desks: a team can have the app and connect a channel, and agents need no mention unless the permission was left out.
    const [bot] = manifest.bots;
    assert.deepEqual(bot.scopes, ['personal', 'team']);
    // Private and shared channels too. The schema knows one tier, and Teams wants to read it wherever a team can have the app.
    assert.equal(manifest.supportsChannelFeatures, 'tier1');
    assert.notDeepEqual(complaints(version, '', { ...manifest, supportsChannelFeatures: 'tier9' }), []);
    const team = bot.commandLists.findIndex(({ scopes }) => scopes.includes('team'));
    const connect = bot.commandLists[team].commands.findIndex(({ title }) => title === 'connect');
    const place = `bots[0].commandLists[${team}].commands[${connect}]`;
    assert.equal(JSON.parse(files['de.json'])[`${place}.title`], 'verbinden');
    const permissions = manifest.authorization?.permissions.resourceSpecific.map(({ name }) => name) ?? [];
    assert.deepEqual(permissions, more.length ? [] : ['ChannelMessage.Read.Group']);
    // The judge is awake.
    assert.notDeepEqual(complaints(version, '', { ...manifest, accentColor: 'blue' }), []);
  });
}
