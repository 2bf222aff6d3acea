// Browsers' own EventSource, by GET: it cannot send a body and reconnects by itself.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { EventSource } from 'eventsource';
import { EVENTS, unauthenticated } from './contract.mjs';
import { queue } from './queue.mjs';
import { launch } from './server.mjs';

let server;
before(async () => (server = await launch()));
after(() => server.end());

function open(t, query, { variables, token = server.token } = {}) {
  const url = new URL(server.url);
  url.searchParams.set('query', query);
  if (variables) url.searchParams.set('variables', JSON.stringify(variables));
  const heard = queue();
  const source = new EventSource(url, {
    fetch: (to, init) => fetch(to, { ...init, headers: { ...init.headers, Authorization: `Bearer ${token}` } }),
  });
  t.after(() => source.close());
  source.addEventListener('open', () => heard.put('open'));
  source.addEventListener('next', ({ data }) => heard.put(JSON.parse(data)));
  source.addEventListener('complete', () => heard.put('complete'));
  source.addEventListener('error', ({ code }) => heard.put({ error: code }));
  return { heard, source };
}

test('EventSource: a query and its completion', async (t) => {
  const { heard, source } = open(t, '{ viewer { kind } }');
  assert.equal(await heard.take(), 'open');
  const { data, extensions } = await heard.take();
  assert.deepEqual(data, { viewer: { kind: 'TOKEN' } });
  assert.ok(extensions.cost.available <= extensions.cost.maximum - extensions.cost.requested);
  assert.equal(await heard.take(), 'complete');
  source.close();
});

test('EventSource: a subscription', async (t) => {
  const { heard } = open(t, EVENTS);
  assert.equal(await heard.take(), 'open');
  await new Promise((resolve) => setTimeout(resolve, 300));
  const id = await server.happen();
  assert.equal((await heard.take()).data.events.subjectId, id);
});

test('EventSource: after a cut it goes on from its cursor', async (t) => {
  const { heard, source } = open(t, EVENTS);
  assert.equal(await heard.take(), 'open');
  await new Promise((resolve) => setTimeout(resolve, 300));
  await server.happen();
  const { cursor } = (await heard.take()).data.events;
  source.close();
  const missed = [await server.happen(), await server.happen()];
  const rest = open(t, EVENTS, { variables: { after: cursor } }).heard;
  assert.equal(await rest.take(), 'open');
  assert.deepEqual([(await rest.take()).data.events.subjectId, (await rest.take()).data.events.subjectId], missed);
});

test('EventSource: a token that expires', async (t) => {
  const { secret } = await server.grant(new Date(Date.now() + 1500).toISOString());
  const { heard } = open(t, EVENTS, { token: secret });
  assert.equal(await heard.take(), 'open');
  unauthenticated((await heard.take()).errors);
  assert.equal(await heard.take(), 'complete');
  assert.deepEqual(await heard.take(), { error: undefined }); // it comes back by itself
  assert.deepEqual(await heard.take(), { error: 401 });
});

test('EventSource: a document that is wrong is told in the stream', async (t) => {
  const { heard } = open(t, '{ nothing }');
  assert.equal(await heard.take(), 'open');
  assert.equal((await heard.take()).errors[0].extensions.code, 'GRAPHQL_VALIDATION_FAILED');
  assert.equal(await heard.take(), 'complete');
});

test('EventSource: mutations and wrong tokens are refused', async (t) => {
  assert.deepEqual(await open(t, 'mutation { logOut { ended } }').heard.take(), { error: 405 });
  assert.deepEqual(await open(t, EVENTS, { token: 'trb_live_nonsense' }).heard.take(), { error: 401 });
});

test('EventSource: it comes back to a server that restarts', async (t) => {
  const { heard } = open(t, EVENTS);
  assert.equal(await heard.take(), 'open');
  assert.equal(await server.stop(), 0);
  assert.deepEqual(await heard.take(), { error: undefined });
  await server.start();
  for (let said = await heard.take(); said !== 'open'; said = await heard.take());
  await new Promise((resolve) => setTimeout(resolve, 300));
  const id = await server.happen();
  assert.equal((await heard.take()).data.events.subjectId, id);
});
