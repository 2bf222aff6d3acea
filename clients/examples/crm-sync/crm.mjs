// A played CRM: it keeps records under the ids it is given, and counts what it was told.
import { once } from 'node:events';
import { createServer } from 'node:http';

export async function openCrm(t) {
  const crm = { records: new Map(), writes: 0, before: () => true, after: () => true };
  const listener = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    if (!crm.before()) return response.destroy();
    crm.records.set(request.url.split('/').at(-1), JSON.parse(body));
    crm.writes++;
    if (!crm.after()) return response.destroy();
    response.end();
  }).listen(0, '127.0.0.1');
  await once(listener, 'listening');
  t.after(() => (listener.closeAllConnections(), listener.close()));
  return Object.assign(crm, { url: `http://127.0.0.1:${listener.address().port}` });
}
