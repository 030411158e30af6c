// Renders every template of texts.json with Handlebars itself, unescaped as we do, and compares what it says.
'use strict';

const { readFileSync } = require('node:fs');
const { join } = require('node:path');
const handlebars = require('handlebars');
const version = handlebars.VERSION;

const rows = JSON.parse(readFileSync(join(__dirname, 'texts.json'), 'utf8'));
const render = ({ template, data }) => {
  try {
    return handlebars.compile(template, { noEscape: true })(data);
  } catch {
    return 'error';
  }
};
const differs = rows.filter((row) => render(row) !== row.says);
for (const row of differs) {
  console.error(`${JSON.stringify(row.template)}: recorded ${JSON.stringify(row.says)}, it says ${JSON.stringify(render(row))}`);
}
if (differs.length > 0 || rows.length === 0) process.exit(1);
const own = rows.filter((row) => 'ours' in row).length;
console.log(`${version}: ${rows.length} texts as recorded, ${own} of them otherwise with us on purpose`);
