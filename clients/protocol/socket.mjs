// socketClient is a graphql-ws client that comes back by itself, as applications
// set it up: not after 4403, which says that the token is the trouble. stopped
// waits for the close of a server that stops.
import assert from 'node:assert/strict';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';

export function socketClient(server, token) {
  let close;
  const closed = new Promise((resolve) => (close = resolve));
  const client = createClient({
    url: server.socket,
    webSocketImpl: WebSocket,
    connectionParams: { Authorization: `Bearer ${token}` },
    retryAttempts: 20,
    shouldRetry: ({ code }) => code !== 4403,
    retryWait: () => new Promise((resolve) => setTimeout(resolve, 200)),
    on: { closed: (event) => close(event) },
  });
  return { client, stopped: async () => assert.equal((await closed).code, 1012) };
}
