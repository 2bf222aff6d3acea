// Relay: documents compiled against the schema the binary prints, queries and
// mutations by fetch, subscriptions by graphql-ws.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import relay from 'relay-runtime';
import { EVENTS, FEED, LINKS, meets, MINE, unauthenticated } from './contract.mjs';
import { queue } from './queue.mjs';
import { compile } from './relay/compile.mjs';
import { CREATE, launch } from './server.mjs';
import { socketClient } from './socket.mjs';

const { commitMutation, createOperationDescriptor, Environment, fetchQuery, getPaginationMetadata, getPaginationVariables } = relay;
const { getRefetchMetadata, getSelector, Network, Observable, RecordSource, requestSubscription, Store } = relay;

const made = compile(fileURLToPath(new URL('relay/Market.js', import.meta.url)));
const compiled = new Map([
  [MINE, made.MarketMineQuery],
  [LINKS, made.MarketLinksQuery],
  [FEED, made.MarketFeedQuery],
  [CREATE, made.MarketCreateMutation],
  [EVENTS, made.MarketEventsSubscription],
]);

// environment is an application's, set up as Relay's manual says. getDataID keeps
// apart what docs/connections.md lists.
function environment(server, token, socket) {
  const ask = async ({ text }, variables) => {
    const response = await fetch(server.url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${token}` },
      body: JSON.stringify({ query: text, variables }),
    });
    return response.json();
  };
  const watch = ({ name, text }, variables) => Observable.create((sink) => socket.subscribe({ operationName: name, query: text, variables }, sink));
  return new Environment({
    network: Network.create(ask, socket && watch),
    store: new Store(new RecordSource()),
    getDataID: (row, type) => (type === 'Viewer' || type === 'ConsideredTouch' ? null : row.id),
  });
}

// told is a failure: Relay throws an error that has the response's as its source.
const told = (error) => (error.source?.errors ? { errors: error.source.errors } : { refused: error });

function connect(server, token) {
  const { client: socket, stopped } = socketClient(server, token);
  const at = environment(server, token, socket);
  const change = (mutation, variables) =>
    new Promise((resolve) => commitMutation(at, { mutation, variables, onCompleted: (data) => resolve({ data }), onError: (error) => resolve(told(error)) }));
  return {
    run({ query, variables = {} }) {
      const node = compiled.get(query);
      if (node.params.operationKind === 'mutation') return change(node, variables);
      return fetchQuery(at, node, variables).toPromise().then((data) => ({ data }), told);
    },
    follow({ query, variables = {} }) {
      const results = queue();
      const watch = requestSubscription(at, {
        subscription: compiled.get(query),
        variables,
        onNext: (data) => results.put({ data }),
        onError: (error) => results.put(told(error)),
      });
      return { next: results.take, cut: () => watch.dispose(), stopped };
    },
    close: () => socket.dispose(),
  };
}

const forbidden = ({ refused }) => assert.deepEqual([refused.code, refused.reason.split(':')[0]], [4403, 'Forbidden']);
meets('Relay', connect, {
  lost: forbidden,
  refused: forbidden,
  denied: ({ errors }) => unauthenticated(errors),
  away: ({ refused }) => assert.match(String(refused), /fetch failed/),
  parses: true,
  compiles: true,
});

let server;
before(async () => (server = await launch()));
after(() => server.end());

// load runs a query, keeps its rows and gives what a fragment on them reads.
async function load(at, query, variables) {
  const operation = createOperationDescriptor(query, variables);
  at.retain(operation);
  await fetchQuery(at, query, variables).toPromise();
  return at.lookup(operation.fragment).data;
}

const read = (at, fragment, ref) => at.lookup(getSelector(fragment, ref)).data;

// more asks for the next page of a fragment as usePaginationFragment does.
async function more(at, fragment, ref, count, rest = {}) {
  const { connectionPathInFragmentData: path, paginationRequest, paginationMetadata } = getPaginationMetadata(fragment, 'more');
  const page = relay.getValueAtPath(read(at, fragment, ref), path);
  assert.equal(page.pageInfo.hasNextPage, true);
  const { variables } = getSelector(fragment, ref).owner;
  const next = getPaginationVariables('forward', count, page.pageInfo.endCursor, { ...variables, ...rest }, {}, paginationMetadata);
  await load(at, paginationRequest, next);
  return read(at, fragment, ref);
}

test('Relay: a connection grows page by page and by a mutation', async () => {
  const names = ['One', 'Two', 'Three', 'Four', 'Five'];
  for (const name of names) await server.ask(CREATE, { name });
  const at = environment(server, server.token);
  const ref = await load(at, made.MarketProgramsQuery, { count: 2 });
  const shown = ({ programs }) => programs.edges.map(({ node }) => node.name);
  assert.equal(shown(read(at, made.Market_programs, ref)).length, 2);
  assert.equal(shown(await more(at, made.Market_programs, ref, 2)).length, 4);
  const all = await more(at, made.Market_programs, ref, 2);
  assert.deepEqual(shown(all).toSorted(), names.toSorted());
  assert.equal(all.programs.pageInfo.hasNextPage, false);
  const mutation = { mutation: made.MarketAppendMutation, variables: { name: 'Six', connections: [all.programs.__id] } };
  await new Promise((onCompleted, onError) => commitMutation(at, { ...mutation, onCompleted, onError }));
  assert.equal(shown(read(at, made.Market_programs, ref)).at(-1), 'Six');
});

const AFFILIATE = `mutation ($program: ID!) { affiliateCreate(input: { name: "Ann", email: "ann@acme.example", programIds: [$program] }) {
  affiliate { id } userErrors { field code }
} }`;
const LINK = `mutation ($program: ID!, $affiliate: ID!, $slug: String!) {
  linkCreate(input: { programId: $program, affiliateId: $affiliate, slug: $slug, destination: "https://shop.example/" }) { link { id } userErrors { field code } }
}`;

test('Relay: a fragment on a node is fetched again by its id', async () => {
  const { programCreate } = await server.ask(CREATE, { name: 'Shoes' });
  const program = programCreate.program.id;
  await server.ask('mutation ($p: ID!) { hostAdd(input: { programId: $p, name: "shop.example" }) { host { id } userErrors { code } } }', { p: program });
  const { affiliateCreate } = await server.ask(AFFILIATE, { program });
  const { id } = affiliateCreate.affiliate;
  for (const slug of ['one', 'two', 'three']) await server.ask(LINK, { program, affiliate: id, slug });
  const at = environment(server, server.token);
  const { node } = await load(at, made.MarketAffiliateQuery, { id, count: 2 });
  assert.equal(node.__typename, 'Affiliate');
  const slugs = ({ links }) => links.edges.map((edge) => edge.node.slug).toSorted();
  assert.equal(slugs(read(at, made.Market_affiliate, node.affiliate)).length, 2);
  assert.deepEqual(slugs(await more(at, made.Market_affiliate, node.affiliate, 2, { id })), ['one', 'three', 'two']);
  await server.ask('mutation ($id: ID!) { affiliateUpdate(input: { id: $id, name: "Anna" }) { affiliate { id } userErrors { code } } }', { id });
  const { refetchableRequest, identifierInfo } = getRefetchMetadata(made.Market_affiliate, 'refetch');
  assert.equal(identifierInfo.identifierQueryVariableName, 'id');
  await load(at, refetchableRequest, { id, count: 2 });
  assert.equal(read(at, made.Market_affiliate, node.affiliate).name, 'Anna');
});

test('Relay: a token is not mixed with the viewer who holds it', async () => {
  const { viewer, apiTokens } = await load(environment(server, server.token), made.MarketTokensQuery, {});
  assert.deepEqual([viewer.kind, apiTokens.edges.map(({ node }) => node.kind)], ['TOKEN', ['SECRET']]);
});

test('Relay: what is not in the schema is found by the compiler', (t) => {
  const dir = mkdtempSync(join(tmpdir(), 'tributary-relay-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  writeFileSync(join(dir, 'Wrong.js'), 'graphql`query WrongQuery { nothing }`');
  assert.throws(() => compile(join(dir, 'Wrong.js')), ({ stderr, stdout }) => /nothing/.test(stderr + stdout));
});
