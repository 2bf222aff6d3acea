// What every client must meet, whatever it speaks. A suite hands in an adapter:
//
//   connect(server, token) → {
//     run(request)        → the result of a query or mutation, errors included;
//                           { refused } is what the library makes of no result
//     follow(request)     → { next(), cut() }: results one by one; next() also gives
//                           { refused } when the transport says that it is over
//     close()
//   }
//
// and says what its library makes of a token that is wrong or lost and of a server
// that is away. One that reads documents before it sends them never sends one that
// is none: parses. One that compiles them never sends one that does not fit the
// schema: compiles. One that does not open a subscription again when the server
// has restarted says what it makes of its end: ended.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { CREATE, launch } from './server.mjs';

export const EVENTS = `subscription ($after: String) {
  events(after: $after, types: ["host.created"]) { id cursor subjectId }
}`;
export const MINE = 'query Mine($first: Int) { viewer { kind } programs(first: $first) { totalCount } }';
export const LINKS = 'query ($after: Cursor) { links(first: 1, after: $after) { totalCount } }';
export const FEED = 'query ($after: String) { eventFeed(after: $after) { cursor } }';

const FAULTS = [
  { query: '{', code: 'GRAPHQL_PARSE_FAILED', unless: 'parses' },
  { query: '{ nothing }', code: 'GRAPHQL_VALIDATION_FAILED', unless: 'compiles' },
  { query: 'query ($n: Int!) { programs(first: $n) { totalCount } }', code: 'GRAPHQL_VALIDATION_FAILED', unless: 'compiles' },
  { query: MINE, variables: { first: 'many' }, code: 'GRAPHQL_VALIDATION_FAILED', path: ['variable', 'first'] },
  { query: LINKS, variables: { after: 'nonsense' }, code: 'INVALID', path: ['links', 'after'], field: ['after'] },
  { query: FEED, variables: { after: 'nonsense' }, code: 'INVALID', path: ['eventFeed'], field: ['after'] },
];

// unauthenticated is the error object of a token that is none, or no longer one.
export function unauthenticated(errors) {
  assert.equal(errors.length, 1);
  const [{ message, extensions }] = errors;
  assert.match(message, /token/);
  assert.equal(extensions.code, 'UNAUTHENTICATED');
}

const SECOND = 1000;

// meets runs the contract. lost is what a subscription is told when its token
// ends, denied what a request and refused what a subscription with a wrong token
// is told; away is what a request gets from a library that does not try again.
export function meets(name, connect, { lost, refused, denied = refused, away, ended, ...skips }) {
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
    const { data, errors } = await client(t).run({ query: MINE, variables: { first: 1 } });
    assert.equal(errors, undefined);
    assert.equal(data.viewer.kind, 'TOKEN');
    assert.equal(typeof data.programs.totalCount, 'number');
  });

  test(`${name}: a mutation`, async (t) => {
    const one = client(t);
    const { data } = await one.run({ query: CREATE, variables: { name: `By ${name}` } });
    assert.deepEqual([data.programCreate.program.name, data.programCreate.userErrors], [`By ${name}`, []]);
    const { program, userErrors } = (await one.run({ query: CREATE, variables: { name: '' } })).data.programCreate;
    assert.deepEqual([program, userErrors.map(({ field, code }) => [...field, code])], [null, [['input', 'name', 'INVALID']]]);
    assert.equal(typeof userErrors[0].message, 'string');
  });

  test(`${name}: what is wrong is told in one form`, async (t) => {
    const one = client(t);
    for (const { query, variables, code, path, field } of FAULTS.filter(({ unless }) => !skips[unless])) {
      const { errors } = await one.run({ query, variables });
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
    const one = client(t, 'trb_live_nonsense');
    refused(await one.follow({ query: EVENTS }).next());
    denied(await one.run({ query: MINE }));
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
    const one = client(t, secret);
    const events = await subscribed(one);
    lost(await events.next());
    const late = Date.now() - at;
    assert.ok(late > -50 && late < SECOND, `lost ${late} ms after it expired`);
    denied(await one.run({ query: MINE }));
  });

  test(`${name}: a server that restarts keeps its subscribers`, async (t) => {
    const one = client(t);
    let events = await subscribed(one);
    await server.happen();
    const { cursor } = (await events.next()).data.events;
    events.from?.(cursor);
    assert.equal(await server.stop(), 0);
    await events.stopped?.();
    if (ended) ended(await events.next());
    if (away) away(await one.run({ query: MINE }));
    await server.start();
    if (events.from || ended) {
      const missed = await server.happen();
      if (ended) events = one.follow({ query: EVENTS, variables: { after: cursor } });
      assert.equal(await subject(events), missed);
    } else await pause(SECOND); // who cannot say where to go on from begins when it is back
    const id = await server.happen();
    assert.equal(await subject(events), id);
    assert.equal((await one.run({ query: MINE })).data.viewer.kind, 'TOKEN');
    events.cut();
  });
}
