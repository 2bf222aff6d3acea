// What follows the journal gets each event once and in order, whatever becomes of
// the connection or the server.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createClient, EventFeedDocument } from 'tributary-client';
import { launch } from '../../protocol/server.mjs';
import { road } from './proxy.mjs';

let server;
before(async () => (server = await launch()));
after(() => server.end());

// history is the whole journal, read page by page.
async function history(client, after) {
  const ids = [];
  for (let more = true; more; ) {
    const { eventFeed } = await client.query(EventFeedDocument, { after, first: 100 });
    ids.push(...eventFeed.events.map(({ id }) => id));
    ({ cursor: after, hasMore: more } = eventFeed);
  }
  return { ids, cursor: after };
}

test('each event once and in order, through cuts in the middle of messages and a restart', async (t) => {
  const direct = createClient({ url: server.url, token: server.token });
  await server.happen();
  const { cursor } = await history(direct);
  for (let i = 0; i < 15; i++) await server.happen();

  const way = await road(t, server.port);
  way.budgets = [1700, 700, 2900, 4100];
  const heard = [];
  for await (const event of createClient({ url: way.url, token: server.token }).events({ after: cursor })) {
    heard.push(event.id);
    if (heard.length === 15) {
      assert.equal(await server.stop(), 0);
      await server.start();
      await server.happen();
    }
    if (heard.length >= 32) break;
  }
  assert.deepEqual(heard, (await history(direct, cursor)).ids);
  assert.ok(way.cuts >= 2, `${way.cuts} cuts`);
});

test('a signal ends it quietly, a cursor that is none loudly', async () => {
  const client = createClient({ url: server.url, token: server.token });
  const ending = new AbortController();
  const feed = client.events({ signal: ending.signal });
  const next = feed.next();
  ending.abort();
  assert.deepEqual(await next, { done: true, value: undefined });
  await assert.rejects(client.events({ after: 'nonsense' }).next(), { code: 'INVALID' });
});

test('a token that ends has a successor', async () => {
  const { cursor } = await history(createClient({ url: server.url, token: server.token }));
  const { id, secret } = await server.grant();
  let current = secret;
  const feed = createClient({ url: server.url, token: () => current }).events({ after: cursor, types: ['host.created'] });
  const first = await server.happen();
  assert.equal((await feed.next()).value.subjectId, first);
  current = server.token;
  await server.revoke(id);
  const second = await server.happen();
  assert.equal((await feed.next()).value.subjectId, second);
});
