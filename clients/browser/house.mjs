// The real server on a free port of this machine, with data of its own: a
// merchant with a program, a plan, an affiliate who can log in, and her link.
// TRIBUTARY_BINARY names the program; .ci/browser builds it.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

const BINARY = process.env.TRIBUTARY_BINARY;
const PASSWORD = 'correct horse battery';

// openHouse starts the server and makes everything up to the first order.
export async function openHouse() {
  const dir = mkdtempSync(join(tmpdir(), 'tributary-console-'));
  const init = execFileSync(BINARY, ['init', '--merchant', 'Acme', '--email', 'owner@acme.example', '--json', '--data-dir', dir], { stdio: ['ignore', 'pipe', 'ignore'] });
  const house = new House(dir, await freePort(), JSON.parse(init));
  await house.open();
  await house.furnish();
  return house;
}

async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address();
  probe.close();
  await once(probe, 'close');
  return port;
}

class House {
  constructor(dir, port, { token, email, password }) {
    Object.assign(this, { dir, port, token, owner: { email, password } });
    this.origin = `http://127.0.0.1:${port}`;
    this.ordered = 0;
  }

  async open() {
    this.process = spawn(BINARY, ['serve', '--data-dir', this.dir, '--addr', `127.0.0.1:${this.port}`, '--log-level', 'ERROR'], { stdio: ['ignore', 'ignore', 'inherit'] });
    this.gone = once(this.process, 'exit');
    for (let tries = 0; tries < 1200; tries++) {
      const ready = await fetch(`${this.origin}/readyz`).catch(() => undefined);
      if (ready?.ok) return;
      await pause(50);
    }
    throw new Error('the server did not get ready');
  }

  async close() {
    this.process.kill('SIGTERM');
    await this.gone;
    rmSync(this.dir, { recursive: true, force: true });
  }

  async furnish() {
    this.program = (await this.do('programCreate', { name: 'Acme partners', currency: 'USD', fallbackUrl: 'https://shop.example/' }, 'program { id }')).program.id;
    await this.do('hostAdd', { programId: this.program, name: 'shop.example' }, 'host { id }');
    const { plan } = await this.do('commissionPlanCreate', { programId: this.program, name: 'Standard' }, 'plan { id }');
    await this.do('commissionPlanActivate', { planId: plan.id, holdDays: 30, autoApprove: true, rules: [{ level: 'PROGRAM', kind: 'PERCENT', percent: '10' }] }, 'plan { id }');
    const made = await this.do('affiliateCreate', { name: 'Ann Lee', email: 'ann@lee.example', programIds: [this.program] }, 'affiliate { id } claimToken');
    await this.do('affiliateClaim', { claimToken: made.claimToken, password: PASSWORD }, 'merchantId');
    this.affiliate = { email: 'ann@lee.example', password: PASSWORD };
    const { link } = await this.do('linkCreate', { programId: this.program, affiliateId: made.affiliate.id, destination: 'https://shop.example/hat' }, 'link { url }');
    this.link = `${this.origin}${new URL(link.url).pathname}`;
  }

  // click opens the link as a visitor's browser does, and gives the click's token.
  async click() {
    const response = await fetch(this.link, { redirect: 'manual', headers: { 'User-Agent': 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36' } });
    return new URL(response.headers.get('Location')).searchParams.get('trb_click');
  }

  // order reports what the visitor of a click has bought, and gives its number.
  async order(clickToken, amount) {
    const externalId = String(1000 + ++this.ordered);
    const lines = [{ externalId: '1', quantity: 1, amount: { amount, currency: 'USD' } }];
    await this.do('conversionRecord', { programId: this.program, externalId, orderNumber: `#${externalId}`, clickToken, lines }, 'conversion { id }');
    return `#${externalId}`;
  }

  // do runs one command with the owner's API token; a failure ends the test.
  async do(command, input, yields) {
    const type = `${command[0].toUpperCase()}${command.slice(1)}Input!`;
    const query = `mutation ($input: ${type}) { ${command}(input: $input) { ${yields} userErrors { message } } }`;
    const headers = { 'Content-Type': 'application/json', ...(command === 'affiliateClaim' ? {} : { Authorization: `Bearer ${this.token}` }) };
    const response = await fetch(`${this.origin}/graphql`, { method: 'POST', headers, body: JSON.stringify({ query, variables: { input } }) });
    const { data, errors } = await response.json();
    const fault = errors ?? data[command].userErrors;
    if (fault.length) throw new Error(`${command}: ${JSON.stringify(fault)}`);
    return data[command];
  }
}
