// A road to the server that fails on purpose: it cuts a connection after so many
// bytes of answer, or loses answers whole.
import { once } from 'node:events';
import { connect, createServer } from 'node:net';

export async function road(t, port) {
  const open = new Set();
  const state = { budgets: [], cuts: 0, lose: 0 };
  const listener = createServer((client) => {
    const server = connect(port, '127.0.0.1');
    let budget = state.budgets.length ? state.budgets[state.cuts % state.budgets.length] : Infinity;
    const end = () => (client.destroy(), server.destroy(), open.delete(end));
    open.add(end);
    for (const socket of [client, server]) socket.on('error', end).on('close', end);
    client.on('data', (bytes) => server.write(bytes));
    server.on('data', (bytes) => {
      if (state.lose > 0) {
        state.lose--;
        return end();
      }
      if (bytes.length < budget) {
        budget -= bytes.length;
        return client.write(bytes);
      }
      state.cuts++;
      client.write(bytes.subarray(0, budget), end);
      budget = 0;
    });
  }).listen(0, '127.0.0.1');
  await once(listener, 'listening');
  t.after(() => {
    for (const end of open) end();
    listener.close();
  });
  return Object.assign(state, { url: `http://127.0.0.1:${listener.address().port}/graphql` });
}
