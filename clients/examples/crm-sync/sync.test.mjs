// The example as somebody runs it, killed in the middle of its work.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import * as api from 'tributary-client';
import { launch } from '../../protocol/server.mjs';
import { openCrm } from './crm.mjs';

const PATIENCE = 60_000;
const order = (id) => id?.startsWith('cnv_');

test('each conversion and affiliate is in the CRM once, through kills, cuts and a restart', async (t) => {
  const [server, crm] = await Promise.all([launch(), openCrm(t)]);
  t.after(() => server.end());
  const dir = mkdtempSync(join(tmpdir(), 'tributary-crm-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  const file = join(dir, 'cursor.txt');
  const client = api.createClient({ url: server.url, token: server.token });
  const shop = await furnish(client, server);

  let running;
  const start = () => {
    running = spawn(process.execPath, ['sync.mjs', file], {
      cwd: import.meta.dirname,
      env: { ...process.env, TRIBUTARY_URL: server.url, TRIBUTARY_TOKEN: server.token, CRM_URL: crm.url },
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    running.gone = once(running, 'exit');
  };
  // killedAt lets it go until so many writes, and ends it before or after the CRM has taken an order.
  const killedAt = async (moment, writes) => {
    const reached = new Promise((resolve) => {
      crm[moment] = (id) => crm.written.length < writes || !order(id) || void (running.kill('SIGKILL'), resolve());
    });
    start();
    await reached;
    await running.gone;
    crm[moment] = () => true;
  };

  await shop.buy(8);
  await killedAt('before', 5); // the CRM has not heard of it
  await shop.buy(3);
  await killedAt('after', 12); // the CRM has taken it, and nobody was told
  start();
  t.after(() => running.kill('SIGKILL'));
  await shop.buy(3);
  await caughtUp(client, file);
  assert.equal(await server.stop(), 0);
  await server.start();
  await shop.buy(2);
  await caughtUp(client, file);

  const { conversions } = await client.query(api.ConversionsDocument, { first: 20 });
  const orders = conversions.edges.map(({ node }) => node);
  assert.equal(orders.length, 16);
  assert.deepEqual([...crm.records.keys()].sort(), [shop.affiliate.id, ...orders.map(({ id }) => id)].sort());
  for (const sold of orders) {
    const { total, earned, status } = crm.records.get(sold.id);
    assert.deepEqual([total, status, earned.map(({ amount }) => amount.amount)], [sold.total, sold.status, ['2.00']]);
  }
  assert.equal(crm.records.get(shop.affiliate.id).email, 'ann@lee.example');
  const writes = crm.written.filter(order).length;
  const needed = await writesOf(client);
  assert.ok(writes >= needed && writes <= needed + 2, `${writes} writes of orders, ${needed} needed and at most one repeated by each kill`);
});

async function furnish(client, server) {
  const done = async (document, input) => {
    const result = await client.mutate(document, { input });
    assert.ok(result.ok, JSON.stringify(result.userErrors));
    return result;
  };
  const programId = (await done(api.ProgramCreateDocument, { name: 'Acme partners', currency: 'USD', fallbackUrl: 'https://shop.example/' })).program.id;
  await done(api.HostAddDocument, { programId, name: 'shop.example' });
  const { plan } = await done(api.PlanCreateDocument, { programId, name: 'Standard' });
  await done(api.PlanActivateDocument, { planId: plan.id, rules: [{ level: 'PROGRAM', kind: 'PERCENT', percent: '10' }] });
  const { affiliate } = await done(api.AffiliateCreateDocument, { name: 'Ann Lee', email: 'ann@lee.example', programIds: [programId] });
  const { link } = await done(api.LinkCreateDocument, { programId, affiliateId: affiliate.id, destination: 'https://shop.example/hat' });
  const headers = { 'User-Agent': 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36' };
  const opened = await fetch(new URL(new URL(link.url).pathname, server.url), { redirect: 'manual', headers });
  const clickToken = new URL(opened.headers.get('Location')).searchParams.get('trb_click');
  let sold = 0;
  const buy = async (orders) => {
    for (const until = sold + orders; sold < until; ) {
      const lines = [{ externalId: '1', quantity: 1, amount: { amount: '20.00', currency: 'USD' } }];
      await done(api.ConversionRecordDocument, { programId, externalId: String(1000 + ++sold), clickToken, lines });
    }
  };
  return { affiliate, buy };
}

// caughtUp waits until nothing happened after the kept cursor.
async function caughtUp(client, file) {
  for (const end = Date.now() + PATIENCE; Date.now() < end; await pause(50)) {
    const { eventFeed } = await client.query(api.EventFeedDocument, { after: readFileSync(file, 'utf8'), first: 1 });
    if (!eventFeed.events.length && !eventFeed.hasMore) return;
  }
  assert.fail('the CRM never caught up');
}

// writesOf is how many writes of orders the journal asks for when nothing fails.
async function writesOf(client) {
  let writes = 0;
  for (let after = '', more = true; more; ) {
    const { eventFeed } = await client.query(api.EventFeedDocument, { after, first: 100 });
    writes += eventFeed.events.filter(({ subjectId, facts }) => order(subjectId) || order(facts.conversion_id)).length;
    ({ cursor: after, hasMore: more } = eventFeed);
  }
  return writes;
}
