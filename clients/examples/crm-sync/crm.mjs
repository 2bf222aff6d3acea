// A played CRM: it keeps records under the ids it is given, and remembers what it was told.
import { once } from 'node:events';
import { createServer } from 'node:http';

export async function openCrm(t) {
  const crm = { records: new Map(), written: [], before: () => true, after: () => true };
  const listener = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const id = request.url.split('/').at(-1);
    if (!crm.before(id)) return response.destroy();
    crm.records.set(id, JSON.parse(body));
    crm.written.push(id);
    if (!crm.after(id)) return response.destroy();
    response.end();
  }).listen(0, '127.0.0.1');
  await once(listener, 'listening');
  t.after(() => (listener.closeAllConnections(), listener.close()));
  return Object.assign(crm, { url: `http://127.0.0.1:${listener.address().port}` });
}
