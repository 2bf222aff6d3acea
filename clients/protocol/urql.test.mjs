// urql: queries, mutations and subscriptions by fetch, subscriptions as
// server-sent events; and the same with subscriptions by graphql-ws.
import assert from 'node:assert/strict';
import { Client, fetchExchange, subscriptionExchange } from '@urql/core';
import { meets, unauthenticated } from './contract.mjs';
import { queue } from './queue.mjs';
import { socketClient } from './socket.mjs';

const told = ({ data, error, hasNext }) => {
  if (!error) return { data, hasNext };
  return error.networkError ? { refused: error } : { data, errors: error.graphQLErrors };
};

function connect(exchanges, options) {
  return (server, token) => {
    const { client: socket, stopped } = socketClient(server, token);
    const client = new Client({
      url: server.url,
      preferGetMethod: false,
      fetchOptions: { headers: { Authorization: `Bearer ${token}` } },
      exchanges: exchanges(socket),
      ...options,
    });
    return {
      async run({ query, variables }) {
        const mutation = query.startsWith('mutation');
        return told(await (mutation ? client.mutation(query, variables ?? {}) : client.query(query, variables ?? {})).toPromise());
      },
      follow({ query, variables }) {
        const results = queue();
        const watch = client.subscription(query, variables ?? {}).subscribe((result) => results.put(told(result)));
        return { next: results.take, cut: () => watch.unsubscribe(), stopped: options ? undefined : stopped };
      },
      close: () => socket.dispose(),
    };
  };
}

const bySocket = (socket) => [
  fetchExchange,
  subscriptionExchange({
    forwardSubscription: ({ query, variables }) => ({ subscribe: (sink) => ({ unsubscribe: socket.subscribe({ query, variables }, sink) }) }),
  }),
];
const forbidden = ({ refused }) => assert.match(JSON.stringify(refused.networkError?.code ?? refused.message), /4403/);
const away = ({ refused }) => assert.match(refused.networkError.message, /fetch failed/);
meets('urql over graphql-ws', connect(bySocket), {
  lost: forbidden,
  refused: forbidden,
  denied: ({ errors }) => unauthenticated(errors),
  away,
  parses: true,
});

meets('urql by fetch', connect(() => [fetchExchange], { fetchSubscriptions: true }), {
  lost: ({ errors }) => unauthenticated(errors),
  refused: ({ errors }) => unauthenticated(errors),
  away,
  parses: true,
  ended: ({ hasNext }) => assert.equal(hasNext, false), // the library does not open a stream again
});
