// What every client must meet, whatever it speaks. A suite hands in an adapter:
//
//   connect(server, token) → {
//     run(request)        → the result of a query or mutation, errors included
//     follow(request)     → { next(), cut() }: results one by one; next() also gives
//                           { refused } when the transport says that it is over
//     close()
//   }
//
// and says how its transport tells of a token that is lost. A library that reads
// documents before it sends them never sends one that is none: parses. One that
// does not open a subscription again when the server has restarted: returns.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { CREATE, launch } from './server.mjs';

export const EVENTS = `subscription ($after: String) {
  events(after: $after, types: ["host.created"]) { id cursor subjectId }
}`;

const SECOND = 1000;

// meets runs the contract. lost is what a subscription is told when its token
// ends; refused is what a client with a wrong token is told.
export function meets(name, connect, { lost, refused, parses = false, returns = true }) {
  let server;
  before(async () => (server = await launch()));
  after(() => server.end());

  const client = (t, token = server.token) => {
    const one = connect(server, token);
    t.after(() => one.close());
    return one;
  };
  const subscribed = async (one, variables) => {
    const events = one.follow({ query: EVENTS, variables });
    await pause(300); // the server says nothing when a subscription has begun
    return events;
  };
  const subject = async (events) => {
    const result = await events.next();
    assert.ok(result.data, JSON.stringify(result));
    return result.data.events.subjectId;
  };

  test(`${name}: a query with variables`, async (t) => {
    const query = 'query Mine($first: Int) { viewer { kind } programs(first: $first) { totalCount } }';
    const { data, errors } = await client(t).run({ query, variables: { first: 1 } });
    assert.equal(errors, undefined);
    assert.equal(data.viewer.kind, 'TOKEN');
    assert.equal(typeof data.programs.totalCount, 'number');
  });

  test(`${name}: a mutation`, async (t) => {
    const { data } = await client(t).run({ query: CREATE, variables: { name: `By ${name}` } });
    assert.deepEqual([data.programCreate.program.name, data.programCreate.userErrors], [`By ${name}`, []]);
  });

  test(`${name}: what is wrong is told in one form`, async (t) => {
    const one = client(t);
    for (const [query, code, path, field] of [
      ...(parses ? [] : [['{', 'GRAPHQL_PARSE_FAILED']]),
      ['{ nothing }', 'GRAPHQL_VALIDATION_FAILED'],
      ['query ($n: Int!) { programs(first: $n) { totalCount } }', 'GRAPHQL_VALIDATION_FAILED'],
      ['{ links(first: 1, after: "nonsense") { totalCount } }', 'INVALID', ['links', 'after'], ['after']],
      ['{ eventFeed(after: "nonsense") { cursor } }', 'INVALID', ['eventFeed'], ['after']],
    ]) {
      const { errors } = await one.run({ query });
      const [error] = errors;
      assert.equal(errors.length, 1, query);
      assert.equal(typeof error.message, 'string');
      assert.equal(error.extensions.code, code, query);
      if (path) assert.deepEqual([error.path, error.extensions.field], [path, field]);
    }
  });

  test(`${name}: a subscription that cannot begin`, async (t) => {
    const result = await client(t).follow({ query: EVENTS, variables: { after: 'nonsense' } }).next();
    const [error] = result.refused ?? result.errors;
    assert.deepEqual([error.extensions.code, error.extensions.field], ['INVALID', ['after']]);
  });

  test(`${name}: a subscription tells what happens`, async (t) => {
    const events = await subscribed(client(t));
    for (let i = 0; i < 3; i++) {
      const id = await server.happen();
      assert.equal(await subject(events), id);
    }
    events.cut();
  });

  test(`${name}: after a cut it goes on from its cursor`, async (t) => {
    const events = await subscribed(client(t));
    await server.happen();
    const { cursor } = (await events.next()).data.events;
    events.cut();
    const missed = [await server.happen(), await server.happen()];
    const rest = client(t).follow({ query: EVENTS, variables: { after: cursor } });
    assert.deepEqual([await subject(rest), await subject(rest)], missed);
    rest.cut();
  });

  test(`${name}: a wrong token`, async (t) => {
    const answer = await client(t, 'trb_live_nonsense').follow({ query: EVENTS }).next();
    refused(answer);
  });

  test(`${name}: a token that is revoked`, async (t) => {
    const { id, secret } = await server.grant();
    const events = await subscribed(client(t, secret));
    await server.revoke(id);
    const began = Date.now();
    lost(await events.next());
    assert.ok(Date.now() - began < SECOND, `lost after ${Date.now() - began} ms`);
  });

  test(`${name}: a token that expires`, async (t) => {
    const at = Date.now() + 2 * SECOND;
    const { secret } = await server.grant(new Date(at).toISOString());
    const events = await subscribed(client(t, secret));
    lost(await events.next());
    const late = Date.now() - at;
    assert.ok(late > -50 && late < SECOND, `lost ${late} ms after it expired`);
  });

  if (!returns) return;
  test(`${name}: a server that restarts keeps its subscribers`, async (t) => {
    const events = await subscribed(client(t));
    await server.happen();
    const { cursor } = (await events.next()).data.events;
    events.from?.(cursor);
    assert.equal(await server.stop(), 0);
    await events.stopped?.();
    await server.start();
    if (!events.from) await pause(SECOND); // who cannot say where to go on from begins when it is back
    const id = await server.happen();
    assert.equal(await subject(events), id);
    events.cut();
  });
}
