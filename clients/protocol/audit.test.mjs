// GraphQL over HTTP, by the working group's own audit: every point, anonymously
// and with a token, without a warning or a notice.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { auditServer } from 'graphql-http';
import { launch } from './server.mjs';

let server;
before(async () => (server = await launch()));
after(() => server.end());

for (const [who, headers] of [
  ['anonymously', () => ({})],
  ['with a token', () => ({ Authorization: `Bearer ${server.token}` })],
]) {
  test(`the audit ${who}`, async () => {
    const fetchFn = (url, init = {}) => fetch(url, { ...init, headers: { ...init.headers, ...headers() } });
    const points = await auditServer({ url: server.url, fetchFn });
    assert.deepEqual(points.filter(({ status }) => status !== 'ok').map(({ id, name, status, reason }) => ({ id, name, status, reason })), []);
    assert.equal(points.length, 61);
  });
}
