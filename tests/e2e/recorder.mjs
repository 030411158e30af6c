// A proxy that writes down what passes: between the Playground and the bot, and between the bot and the Playground's
// connector. One JSON object per line, request and answer together.
import { appendFileSync } from 'node:fs';
import http from 'node:http';

/** Text as JSON where it is JSON, else as it is. */
const read = (text) => {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
};

const whole = async (stream) => {
  const chunks = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
};

const hopHeaders = new Set(['connection', 'keep-alive', 'transfer-encoding', 'content-length', 'host']);
const passOn = (headers) => Object.fromEntries(Object.entries(headers).filter(([name]) => !hopHeaders.has(name)));

/**
 * Starts a recorder on a free port of 127.0.0.1.
 *
 * @param {object} options
 * @param {string} options.leg the name of the leg, written into every line
 * @param {string} options.target origin that everything is passed on to
 * @param {string} options.file where the lines go
 * @param {number} [options.hold] milliseconds that a request is held back before it is passed on
 * @param {(body: any) => any} [options.change] what the far side gets instead of a JSON body; the file keeps what was sent
 */
export async function record({ leg, target, file, hold = 0, change }) {
  const exchanges = [];
  const server = http.createServer(async (request, response) => {
    const sent = await whole(request);
    const body = read(sent.toString());
    const exchange = { leg, at: new Date().toISOString(), request: { method: request.method, url: request.url, headers: request.headers, body } };
    if (hold) await new Promise((done) => setTimeout(done, hold));
    const payload = change && typeof body === 'object' ? Buffer.from(JSON.stringify(change(structuredClone(body)))) : sent;
    const began = performance.now();
    try {
      const answer = await new Promise((resolve, reject) => {
        const onward = http.request(target + request.url, { method: request.method, headers: { ...passOn(request.headers), 'content-length': payload.length } }, resolve);
        onward.on('error', reject);
        onward.end(payload);
      });
      const received = await whole(answer);
      exchange.response = {
        status: answer.statusCode,
        ms: Math.round(performance.now() - began),
        headers: answer.headers,
        bodyText: received.toString(),
        body: read(received.toString()),
      };
      response.writeHead(answer.statusCode, passOn(answer.headers));
      response.end(received);
    } catch (error) {
      exchange.error = String(error);
      response.writeHead(502).end();
    }
    exchanges.push(exchange);
    appendFileSync(file, `${JSON.stringify(exchange)}\n`);
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  return {
    origin: `http://127.0.0.1:${server.address().port}`,
    /** What has passed and was answered, oldest first. */
    exchanges,
    stop: () => {
      server.closeAllConnections();
      return new Promise((done) => server.close(done));
    },
  };
}
