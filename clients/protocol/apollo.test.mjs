// Apollo Client: queries and mutations by HTTP, subscriptions by graphql-ws.
import assert from 'node:assert/strict';
import { ApolloClient, ApolloLink, CombinedGraphQLErrors, gql, HttpLink, InMemoryCache } from '@apollo/client';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import WebSocket from 'ws';
import { meets, unauthenticated } from './contract.mjs';
import { queue } from './queue.mjs';
import { socketClient } from './socket.mjs';

globalThis.WebSocket ??= WebSocket; // the link compares with the browser's

function connect(server, token) {
  const { client: socket, stopped } = socketClient(server, token);
  const client = new ApolloClient({
    cache: new InMemoryCache(),
    link: ApolloLink.split(
      ({ operationType }) => operationType === 'subscription',
      new GraphQLWsLink(socket),
      new HttpLink({ uri: server.url, headers: { Authorization: `Bearer ${token}` } }),
    ),
    defaultOptions: { query: { errorPolicy: 'all', fetchPolicy: 'no-cache' }, mutate: { errorPolicy: 'all', fetchPolicy: 'no-cache' } },
  });
  const told = ({ data, error }) => {
    if (!error) return { data };
    return CombinedGraphQLErrors.is(error) ? { data, errors: error.errors } : { refused: error.cause ?? error };
  };
  return {
    async run({ query, variables }) {
      const document = gql(query);
      const mutation = document.definitions[0].operation === 'mutation';
      return told(await (mutation ? client.mutate({ mutation: document, variables }) : client.query({ query: document, variables })));
    },
    follow({ query, variables = {} }) {
      const results = queue();
      const watch = client.subscribe({ query: gql(query), variables, fetchPolicy: 'no-cache', errorPolicy: 'all' }).subscribe({
        next: (result) => results.put(told(result)),
        error: (refused) => results.put({ refused }),
      });
      return { next: results.take, cut: () => watch.unsubscribe(), stopped };
    },
    close: () => socket.dispose(),
  };
}

const forbidden = ({ refused }) => assert.match(String(refused.message), /4403 Forbidden/);
meets('Apollo Client', connect, {
  lost: forbidden,
  refused: forbidden,
  denied: ({ errors }) => unauthenticated(errors),
  away: ({ refused }) => assert.match(String(refused), /ECONNREFUSED|fetch failed/),
  parses: true,
});
