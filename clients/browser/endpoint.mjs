// The real explorer in front of a small GraphQL endpoint, on one origin: the Go
// handler runs as its own process, its answers are passed on unchanged.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, request as forward } from 'node:http';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { buildSchema, execute, parse, subscribe, validate } from 'graphql';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
export const TOKEN = 'trb_test_explorer';

const schema = buildSchema(`
  "Everything that can be asked."
  type Query {
    "Who is asking; the caf&eacute; & <i>more</i>."
    viewer: Viewer
  }
  "The one who holds the token."
  type Viewer {
    name: String!
  }
  type Subscription {
    "Counts to a number."
    count(to: Int!): Int!
  }
`);

const resolvers = {
  viewer: (_, { authorization }) => (authorization === `Bearer ${TOKEN}` ? { name: 'Ada' } : null),
  count: async function* ({ to }, { authorization }) {
    if (authorization !== `Bearer ${TOKEN}`) throw new Error('UNAUTHENTICATED');
    for (let i = 1; i <= to; i++) yield { count: i };
  },
};

// startEndpoint answers /explorer by the Go handler and /graphql by the schema
// above, until the tests end. seen holds the Authorization of each POST.
export async function startEndpoint() {
  const explorer = await startExplorer();
  const seen = [];
  const server = createServer((request, response) =>
    request.url === '/graphql' ? query(request, response, seen) : pass(explorer.port, request, response),
  );
  const sockets = new WebSocketServer({ server, path: '/graphql' });
  useServer({ schema, roots: { subscription: resolvers }, context, execute, subscribe }, sockets);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    origin: `http://127.0.0.1:${server.address().port}`,
    seen,
    async stop() {
      sockets.close();
      server.closeAllConnections();
      server.close();
      explorer.process.stdin.end();
      await once(explorer.process, 'exit');
    },
  };
}

const context = ({ connectionParams }) => ({ authorization: connectionParams?.Authorization });

async function startExplorer() {
  const child = spawn('go', ['run', './server/console/explorer/testdata/serve'], {
    cwd: ROOT,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const [address] = await once(createInterface(child.stdout), 'line');
  return { process: child, port: Number(address.split(':').pop()) };
}

async function query(request, response, seen) {
  let body = '';
  for await (const chunk of request) body += chunk;
  const { query: source, variables, operationName } = JSON.parse(body);
  const { authorization } = request.headers;
  seen.push(authorization);
  const document = parse(source);
  const errors = validate(schema, document);
  const result = errors.length
    ? { errors }
    : await execute({ schema, document, rootValue: resolvers, contextValue: { authorization }, variableValues: variables, operationName });
  response.writeHead(200, { 'Content-Type': 'application/graphql-response+json' }).end(JSON.stringify(result));
}

function pass(port, request, response) {
  const { method, url, headers } = request;
  forward({ host: '127.0.0.1', port, method, path: url, headers }, (answer) => {
    response.writeHead(answer.statusCode, answer.headers);
    answer.pipe(response);
  }).end();
}
