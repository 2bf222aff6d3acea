// The graphql-ws client, and what it never does.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import WebSocket from 'ws';
import { meets } from './contract.mjs';
import { queue } from './queue.mjs';
import { launch } from './server.mjs';
import { socketClient } from './socket.mjs';

// connect follows by a client that comes back by itself and then goes on from
// the last cursor.
function connect(server, token) {
  const { client, stopped } = socketClient(server, token);
  const follow = (request) => {
    const results = queue();
    const cut = client.subscribe(request, {
      next: (result) => results.put(result),
      error: (refused) => results.put({ refused }),
      complete: () => results.put({ complete: true }),
    });
    return { next: results.take, cut, from: (cursor) => (request.variables = { after: cursor }), stopped };
  };
  return {
    follow,
    async run(request) {
      const { refused, ...result } = await follow(request).next();
      return refused ? { errors: refused } : result;
    },
    close: () => client.dispose(),
  };
}

const forbidden = ({ refused }) => {
  assert.equal(refused.code, 4403);
  assert.match(refused.reason, /^Forbidden/);
};
meets('graphql-ws', connect, { lost: forbidden, refused: forbidden, denied: ({ errors }) => forbidden({ refused: errors }) });

let server;
before(async () => (server = await launch()));
after(() => server.end());

// talk opens a socket, says lines and gives its close.
async function talk(lines, protocol = 'graphql-transport-ws', options = {}) {
  const socket = new WebSocket(server.socket, protocol, options);
  socket.on('error', () => {}); // the close tells
  await once(socket, 'open');
  const closed = once(socket, 'close');
  for (const line of lines) socket.send(typeof line === 'string' ? line : JSON.stringify(line));
  const [code, reason] = await closed;
  return { code, reason: String(reason) };
}

const init = { type: 'connection_init' };
const ask = { id: '1', type: 'subscribe', payload: { query: 'subscription { liveStats { cursor } }' } };
for (const [what, code, lines] of [
  ['what is no message', 4400, ['canary']],
  ['an unknown message', 4400, [{ type: 'start' }]],
  ['an operation before the greeting', 4401, [ask]],
  ['a wrong token', 4403, [{ ...init, payload: { Authorization: 'Bearer nonsense' } }]],
  ['silence', 4408, []],
  ['a second greeting', 4429, [init, init]],
  ['a message that is too big', 1009, [`{"type":"ping","payload":{"x":"${'x'.repeat(1 << 20)}"}}`]],
]) {
  test(`a socket ends with ${code} for ${what}`, async () => {
    const closed = await talk(lines);
    assert.equal(closed.code, code);
    assert.doesNotMatch(closed.reason, /canary/);
  });
}

test('a socket ends with 4409 for an id that is in use', async () => {
  const greeting = { ...init, payload: { Authorization: `Bearer ${server.token}` } };
  assert.deepEqual(await talk([greeting, ask, ask]), { code: 4409, reason: 'Subscriber for 1 already exists' });
});

for (const [what, status, protocol, origin] of [
  ['the legacy sub-protocol', 400, 'graphql-ws'],
  ['an unknown sub-protocol', 400, 'chat'],
  ['no sub-protocol', 400, []],
  ['a foreign page', 403, 'graphql-transport-ws', 'https://evil.example'],
]) {
  test(`${what} is refused before the upgrade`, async () => {
    const socket = new WebSocket(server.socket, protocol, { origin });
    const [request, response] = await once(socket, 'unexpected-response');
    assert.equal(response.statusCode, status);
    const body = JSON.parse((await response.toArray()).join(''));
    assert.equal(typeof body.errors[0].extensions.code, 'string');
    request.destroy();
  });
}
