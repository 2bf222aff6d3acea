// The real binary on a free port of this machine, with data of its own.
// TRIBUTARY_BINARY names it; .ci/clients builds it.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

const BINARY = process.env.TRIBUTARY_BINARY;

// launch starts a server with one merchant and gives its owner's token.
export async function launch() {
  const dir = mkdtempSync(join(tmpdir(), 'tributary-protocol-'));
  const init = execFileSync(BINARY, ['init', '--merchant', 'Acme', '--email', 'owner@acme.example', '--json', '--data-dir', dir], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const server = new Server(dir, await freePort(), JSON.parse(init));
  await server.start();
  return server;
}

async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address();
  probe.close();
  await once(probe, 'close');
  return port;
}

class Server {
  constructor(dir, port, { token, email, password }) {
    Object.assign(this, { dir, port, token, email, password });
    this.url = `http://127.0.0.1:${port}/graphql`;
    this.socket = `ws://127.0.0.1:${port}/graphql`;
    this.made = 0;
  }

  async start() {
    this.process = spawn(BINARY, ['serve', '--data-dir', this.dir, '--addr', `127.0.0.1:${this.port}`, '--log-level', 'ERROR'], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    this.gone = once(this.process, 'exit');
    for (let tries = 0; tries < 400; tries++) {
      const ready = await fetch(new URL('/readyz', this.url)).catch(() => undefined);
      if (ready?.ok) return;
      await pause(50);
    }
    throw new Error('the server did not get ready');
  }

  // stop ends the server as an operator does, and gives its exit code.
  async stop() {
    this.process.kill('SIGTERM');
    return (await this.gone)[0];
  }

  async end() {
    await this.stop();
    rmSync(this.dir, { recursive: true, force: true });
  }

  // ask is a plain request; a failure of any kind ends the test.
  async ask(query, variables, token = this.token) {
    const response = await fetch(this.url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${token}` },
      body: JSON.stringify({ query, variables }),
    });
    const { data, errors } = await response.json();
    const fault = errors ?? Object.values(data).flatMap((field) => field?.userErrors ?? []);
    if (fault.length) throw new Error(JSON.stringify(fault));
    return data;
  }

  // happen makes something happen and gives the id of what it happened to.
  async happen() {
    const { programCreate } = await this.ask(CREATE, { name: `Program ${++this.made}` });
    const { hostAdd } = await this.ask(HOST, { program: programCreate.program.id, name: `shop${this.made}.example` });
    return hostAdd.host.id;
  }

  // grant makes a token that may read events.
  async grant(expiresAt) {
    const { apiTokenCreate } = await this.ask(TOKEN, { expiresAt });
    return { id: apiTokenCreate.apiToken.id, secret: apiTokenCreate.secret };
  }

  revoke(id) {
    return this.ask('mutation ($id: ID!) { apiTokenRevoke(input: { id: $id }) { apiToken { id } userErrors { code } } }', { id });
  }
}

export const CREATE = `mutation ($name: String!) {
  programCreate(input: { name: $name, currency: "USD", fallbackUrl: "https://shop.example/" }) {
    program { id name } userErrors { field message code }
  }
}`;
const HOST = `mutation ($program: ID!, $name: String!) {
  hostAdd(input: { programId: $program, name: $name }) { host { id } userErrors { field message code } }
}`;
const TOKEN = `mutation ($expiresAt: Time) {
  apiTokenCreate(input: { name: "feed", kind: SECRET, scopes: [EVENT_READ], expiresAt: $expiresAt }) {
    apiToken { id } secret userErrors { field message code }
  }
}`;
