import './style.css';
import { createRoot } from 'react-dom/client';
import { GraphiQL } from 'graphiql';
import { fetcherFor } from './fetcher.js';
import { storageWithoutHeaders } from './storage.js';

const WELCOME = `# Put your token into the Headers tab below, then reload the schema
# (the round arrow at the lower left). Ctrl-Enter runs an operation,
# Ctrl-Space completes, subscriptions stream into the right-hand pane.

query Viewer {
  viewer {
    __typename
  }
}
`;

const HEADERS = JSON.stringify({ Authorization: 'Bearer ' }, null, 2);

const root = document.getElementById('explorer');

createRoot(root).render(
  <GraphiQL
    fetcher={fetcherFor(root.dataset.graphql)}
    defaultQuery={WELCOME}
    defaultHeaders={HEADERS}
    defaultEditorToolsVisibility="headers"
    shouldPersistHeaders={false}
    storage={storageWithoutHeaders(HEADERS)}
    inputValueDeprecation
    schemaDescription
  >
    <GraphiQL.Logo>Tributary</GraphiQL.Logo>
  </GraphiQL>,
);
