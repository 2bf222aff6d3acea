// The explorer's way to the API: queries and mutations by POST, subscriptions
// by graphql-transport-ws, both on the page's own origin and the same path.
import { createClient } from 'graphql-ws';

// fetcherFor returns the function GraphiQL calls for every operation. The
// headers typed into the headers editor travel as HTTP headers on POST and as
// the connection_init payload on a socket, where headers cannot be set.
export function fetcherFor(path) {
  const http = new URL(path, location.href);
  const socket = new URL(http);
  socket.protocol = http.protocol === 'https:' ? 'wss:' : 'ws:';

  return (params, options = {}) => {
    const headers = filledIn(options.headers);
    return isSubscription(options.documentAST, params.operationName)
      ? subscribe(socket.href, params, headers)
      : post(http.href, params, headers);
  };
}

// filledIn drops headers without a value, such as the untouched "Bearer "
// the editor starts with: an anonymous viewer sends no credentials at all.
export function filledIn(headers = {}) {
  return Object.fromEntries(
    Object.entries(headers).filter(([, value]) => !/^\s*(Bearer)?\s*$/i.test(String(value))),
  );
}

function isSubscription(document, name) {
  const operations = (document?.definitions ?? []).filter((d) => d.kind === 'OperationDefinition');
  const chosen = operations.find((d) => d.name?.value === name) ?? operations[0];
  return chosen?.operation === 'subscription';
}

async function post(url, params, headers) {
  const response = await fetch(url, {
    method: 'POST',
    credentials: 'omit',
    headers: {
      'Content-Type': 'application/json',
      Accept: 'application/graphql-response+json, application/json;q=0.9',
      ...headers,
    },
    body: JSON.stringify(params),
  });
  const text = await response.text();
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`HTTP ${response.status}: ${text.slice(0, 500) || response.statusText}`);
  }
}

async function* subscribe(url, params, headers) {
  const client = createClient({ url, connectionParams: headers, retryAttempts: 0 });
  try {
    yield* client.iterate(params);
  } catch (cause) {
    throw cause instanceof CloseEvent ? new Error(`Socket closed: ${cause.code} ${cause.reason}`) : cause;
  } finally {
    client.dispose();
  }
}
