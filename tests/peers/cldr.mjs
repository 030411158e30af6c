// Makes src/pipeline/language/cldr.json: how each locale writes dates, times and numbers, from the CLDR as npm has it.
//
//   npm install --prefix /tmp/cldr cldr-core@48.2.0 cldr-dates-full@48.2.0 cldr-numbers-full@48.2.0
//   node tests/peers/cldr.mjs /tmp/cldr/node_modules > src/pipeline/language/cldr.json
//
// Of every locale that CLDR covers well (`modern` or `moderate`): the Gregorian calendar, digits 0 to 9.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const [folder] = process.argv.slice(2);
if (!folder) {
  console.error('usage: node tests/peers/cldr.mjs FOLDER_OF_NODE_MODULES');
  process.exit(2);
}
const json = (...path) => JSON.parse(readFileSync(join(folder, ...path), 'utf8'));
const version = json('cldr-core', 'package.json').version;
const levels = json('cldr-core', 'coverageLevels.json').effectiveCoverageLevels;
const locales = json('cldr-core', 'availableLocales.json').availableLocales.full;

/** The level of a locale, or of the nearest one above it. */
function level(locale) {
  for (let at = locale; at; at = at.replace(/-?[^-]+$/, '')) if (levels[at]) return levels[at];
  return 'none';
}

function of(locale) {
  const calendar = json('cldr-dates-full', 'main', locale, 'ca-gregorian.json').main[locale].dates.calendars.gregorian;
  const numbers = json('cldr-numbers-full', 'main', locale, 'numbers.json').main[locale].numbers;
  const { availableFormats } = calendar.dateTimeFormats;
  const { decimal, minusSign } = numbers['symbols-numberSystem-latn'];
  // Some are `{ _value, … }`.
  const text = (value) => value?._value ?? value;
  const form = {
    date: text(calendar.dateFormats.medium),
    // The era is of no use where the calendar is always the same.
    long: text(calendar.dateFormats.long).replace(' G', ''),
    numeric: text(availableFormats.yMd),
    time: text(availableFormats.Hm),
    decimal,
    minus: minusSign,
  };
  const alone = /L/.test(form.date + form.long);
  const names = calendar.months[alone ? 'stand-alone' : 'format'];
  const list = (width) => Array.from({ length: 12 }, (_, at) => names[width][at + 1]).join('|');
  return { form, months: { short: list('abbreviated'), wide: list('wide') } };
}

const [forms, months] = [new Map(), new Map()];
for (const locale of locales) {
  if (!['modern', 'moderate'].includes(level(locale))) continue;
  const own = of(locale);
  // Nobody has named its months: all of it is the root's.
  if (/^M0?1\|/.test(own.months.short)) continue;
  for (const [all, value] of [[forms, own.form], [months, own.months]]) {
    const key = JSON.stringify(value);
    all.set(key, [...(all.get(key) ?? []), locale]);
  }
}
// What turns the direction of writing is not seen in a file: it is written as \u200f there.
const seen = (text) => text.replace(/[\u200e\u200f\u061c\u00a0\u202f\u2009]/g, (c) => `\\u${c.codePointAt(0).toString(16).padStart(4, '0')}`);
const lines = (all) => [...all].map(([value, of]) => seen(JSON.stringify({ of: of.join(' '), ...JSON.parse(value) }))).join(',\n');
const source = `Unicode CLDR ${version} (npm cldr-dates-full, cldr-numbers-full), see LICENSE-UNICODE; made by tests/peers/cldr.mjs`;
process.stdout.write(`{"source":${JSON.stringify(source)},\n"forms":[\n${lines(forms)}\n],\n"months":[\n${lines(months)}\n]}\n`);
