// One headless Chromium for a test file and one clean profile for each test.
// Nothing but loopback resolves, so a request elsewhere fails and is seen.
import assert from 'node:assert/strict';
import { chromium } from 'playwright-core';

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
];

// launch starts the installed Chromium on a fresh user data folder.
export function launch() {
  return chromium.launch({
    executablePath: process.env.TRIBUTARY_CHROMIUM ?? '/usr/bin/chromium',
    headless: true,
    args: FLAGS,
  });
}

// visitor opens a page in a clean profile. It keeps every request and every
// error of the page; when the test ends, an error or a request to an origin
// that is not among the allowed ones fails it.
export async function visitor(t, browser, { origins, viewport }) {
  const context = await browser.newContext({ viewport });
  const page = await context.newPage();
  const requests = [];
  const errors = [];
  context.on('request', (request) => requests.push(request));
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message) => {
    if (/content security policy|refused to/i.test(message.text())) errors.push(message.text());
  });
  t.after(async () => {
    await context.close();
    assert.deepEqual(errors, [], 'errors in the page');
    const foreign = requests.map((r) => r.url()).filter((url) => !belongs(url, origins));
    assert.deepEqual(foreign, [], 'requests to other origins');
  });
  return { context, page, requests };
}

function belongs(url, origins) {
  return url.startsWith('data:') || origins.includes(new URL(url).origin.replace(/^ws/, 'http'));
}
