// The graphql-sse client by POST.
import assert from 'node:assert/strict';
import { createClient } from 'graphql-sse';
import { meets, unauthenticated } from './contract.mjs';
import { queue } from './queue.mjs';

// connect follows by a client of its own: whoever comes back goes on from the
// last cursor, which the client asks for when it connects again.
function connect(server, token) {
  const client = createClient({
    url: server.url,
    headers: { Authorization: `Bearer ${token}` },
    retryAttempts: token === server.token ? 20 : 0,
    retry: () => new Promise((resolve) => setTimeout(resolve, 200)),
  });
  const follow = (request) => {
    const results = queue();
    const cut = client.subscribe(request, {
      next: (result) => results.put(result),
      error: (refused) => results.put({ refused }),
      complete: () => results.put({ complete: true }),
    });
    return { next: results.take, cut, from: (cursor) => (request.variables = { after: cursor }) };
  };
  return { follow, run: (request) => follow(request).next(), close: () => client.dispose() };
}

meets('graphql-sse', connect, {
  lost: ({ errors }) => unauthenticated(errors),
  refused: ({ refused }) => assert.equal(refused.response.status, 401),
});
