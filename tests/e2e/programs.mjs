// Starting and stopping the two programs that the tests look at from outside: switchboard and the Playground.
import { spawn } from 'node:child_process';
import { createWriteStream, existsSync, readFileSync } from 'node:fs';
import net from 'node:net';

/** A port of 127.0.0.1 that was free a moment ago. */
export async function freePort() {
  const server = net.createServer();
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}

/**
 * Starts a program and waits until `url` answers with 200. It inherits no environment but PATH, HOME and TZ, so that a
 * developer's own settings do not change a test.
 */
export async function start(name, command, args, { env = {}, log, url, cwd, seconds = 60 }) {
  const { PATH, HOME, TZ = 'UTC' } = process.env;
  const child = spawn(command, args, { cwd, env: { PATH, HOME, TZ, LANG: 'C.UTF-8', ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  const file = createWriteStream(log, { flags: 'a' });
  child.stdout.pipe(file, { end: false });
  child.stderr.pipe(file, { end: false });
  // A test that is broken off leaves nothing running.
  const reap = () => child.kill('SIGKILL');
  process.once('exit', reap);
  let failure;
  child.on('error', (error) => (failure = error));
  const ended = new Promise((done) => child.on('close', (code, signal) => done(code ?? signal)));

  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null && !failure) {
      child.kill('SIGTERM');
      const force = setTimeout(() => child.kill('SIGKILL'), 15_000);
      await ended;
      clearTimeout(force);
    }
    process.off('exit', reap);
    await new Promise((done) => file.end(done));
    return child.exitCode ?? child.signalCode;
  };

  for (const until = Date.now() + seconds * 1000; ; await new Promise((done) => setTimeout(done, 100))) {
    const gone = failure || child.exitCode !== null || child.signalCode !== null;
    if (gone || Date.now() > until) {
      await stop();
      const said = existsSync(log) ? readFileSync(log, 'utf8').slice(-2000) : '';
      throw new Error(`${name} ${gone ? `did not start (${failure ?? child.exitCode ?? child.signalCode})` : `did not answer on ${url} within ${seconds} s`}; ${log} ends with:\n${said}`);
    }
    try {
      const answer = await fetch(url);
      await answer.arrayBuffer();
      if (answer.ok) return { stop };
    } catch {
      // Not yet listening.
    }
  }
}
