// The common tasks, from a program to a payout, through the built package.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import * as api from 'tributary-client';
import { launch } from '../../protocol/server.mjs';
import { road } from './proxy.mjs';

let server;
let client;
before(async () => {
  server = await launch();
  client = api.createClient({ url: server.url, token: server.token });
});
after(() => server.end());

const done = async (document, input) => {
  const result = await client.mutate(document, { input });
  assert.ok(result.ok, JSON.stringify(result.userErrors));
  return result;
};

const program = async (name) => (await done(api.ProgramCreateDocument, { name, currency: 'USD', fallbackUrl: 'https://shop.example/' })).program;
const programs = async () => (await server.ask('{ programs { totalCount } }')).programs.totalCount;

async function click(url) {
  const response = await fetch(new URL(new URL(url).pathname, server.url), { redirect: 'manual', headers: { 'User-Agent': 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36' } });
  return new URL(response.headers.get('Location')).searchParams.get('trb_click');
}

test('from a program to an approved payout', async () => {
  const { id: programId } = await program('Acme partners');
  await done(api.HostAddDocument, { programId, name: 'shop.example' });
  const { plan } = await done(api.PlanCreateDocument, { programId, name: 'Standard' });
  await done(api.PlanActivateDocument, { planId: plan.id, holdDays: 0, rules: [{ level: 'PROGRAM', kind: 'PERCENT', percent: '10' }] });
  const { affiliate } = await done(api.AffiliateCreateDocument, { name: 'Ann Lee', email: 'ann@lee.example', programIds: [programId] });
  const { link } = await done(api.LinkCreateDocument, { programId, affiliateId: affiliate.id, destination: 'https://shop.example/hat' });

  const lines = [{ externalId: '1', quantity: 1, amount: { amount: '49.90', currency: 'USD' } }];
  const { created, conversion } = await done(api.ConversionRecordDocument, { programId, externalId: '1001', clickToken: await click(link.url), lines });
  assert.ok(created);
  const { node } = await client.query(api.ConversionDocument, { id: conversion.id });
  const [commission] = node.commissions;
  assert.deepEqual(commission.amount, { amount: '4.99', currency: 'USD' });
  assert.ok(commission.explanation.steps.some(({ text }) => text.includes('49.90 USD × 10 % = 4.99 USD')));
  const { conversions } = await client.query(api.ConversionsDocument, { programId, first: 10 });
  assert.deepEqual(conversions.edges.map((edge) => edge.node), [node]);

  const { commissions } = await done(api.CommissionApproveDocument, { ids: [commission.id] });
  assert.deepEqual(commissions.map(({ status, net }) => [status, net.amount]), [['APPROVED', '4.99']]);
  for await (const { total } of client.liveStats({ programId })) {
    if (total.some((row) => row.currency === 'USD' && row.approved === '4.99')) break;
  }

  const day = conversion.occurredAt.slice(0, 10);
  for (let told; !told; await setTimeout(250)) { // reports follow within about a second
    const { report } = await client.query(api.ReportDocument, { input: { from: day, to: day, dateBasis: 'CONVERSION', dimensions: ['AFFILIATE'] } });
    told = report.complete;
    if (told) assert.deepEqual(report.rows.map((row) => [row.affiliateId, row.numbers.conversions, row.numbers.amounts[0].approved]), [[affiliate.id, 1, '4.99']]);
  }

  const { batch } = await done(api.PayoutBatchCreateDocument, { batchKey: 'first', currency: 'USD', idempotencyKey: 'batch-first' });
  assert.deepEqual([batch.count, batch.total.amount], [1, '4.99']);
  const approved = await done(api.PayoutBatchApproveDocument, { id: batch.id, expectedVersion: batch.version });
  assert.notEqual(approved.batch.status, batch.status);
});

test('a refused input is a result that says why, not an exception', async () => {
  const result = await client.mutate(api.ProgramCreateDocument, { input: { name: '', fallbackUrl: 'https://shop.example/' } });
  assert.equal(result.ok, false);
  assert.deepEqual(result.userErrors.map(({ field, code }) => [field, code]), [[['input', 'name'], 'INVALID']]);
});

test('a failure of the system is thrown with its code', async () => {
  const stranger = api.createClient({ url: server.url, token: 'trb_live_nonsense' });
  await assert.rejects(stranger.query(api.EventFeedDocument, {}), { name: 'TributaryError', code: 'UNAUTHENTICATED' });
  await assert.rejects(stranger.events().next(), { code: 'UNAUTHENTICATED' });
  await assert.rejects(client.query(api.EventFeedDocument, { after: 'nonsense' }), { code: 'INVALID' });
});

test('a command whose answer is lost is sent again with its key, and carried out once', async (t) => {
  const way = await road(t, server.port);
  const lossy = api.createClient({ url: way.url, token: server.token });
  const before = await programs();
  const input = { name: 'Once', fallbackUrl: 'https://shop.example/', idempotencyKey: 'once-1' };
  way.lose = 2;
  const result = await lossy.mutate(api.ProgramCreateDocument, { input });
  assert.ok(result.ok);
  assert.equal(way.lose, 0);
  assert.equal(await programs(), before + 1);
});

test('a command without a key is never sent again', async (t) => {
  const way = await road(t, server.port);
  const lossy = api.createClient({ url: way.url, token: server.token });
  const before = await programs();
  way.lose = 2;
  await assert.rejects(lossy.mutate(api.ProgramCreateDocument, { input: { name: 'Twice?', fallbackUrl: 'https://shop.example/' } }), { code: 'UNAVAILABLE' });
  assert.equal(way.lose, 1);
  assert.equal(await programs(), before + 1);
});

test('a question is asked again until its tries are used up', async (t) => {
  const way = await road(t, server.port);
  const lossy = api.createClient({ url: way.url, token: server.token, attempts: 3 });
  way.lose = 2;
  assert.ok((await lossy.query(api.EventFeedDocument, { first: 1 })).eventFeed.cursor);
  way.lose = 9;
  await assert.rejects(lossy.query(api.EventFeedDocument, { first: 1 }), { code: 'UNAVAILABLE' });
  assert.equal(way.lose, 6);
});

test('a person logs in, and the session goes on', async () => {
  const token = await api.logIn(server.url, { email: server.email, password: server.password });
  const { eventFeed } = await api.createClient({ url: server.url, token }).query(api.EventFeedDocument, { first: 1 });
  assert.equal(eventFeed.events.length, 1);
  await assert.rejects(api.logIn(server.url, { email: server.email, password: 'not the password' }), { code: 'UNAUTHENTICATED' });
});
