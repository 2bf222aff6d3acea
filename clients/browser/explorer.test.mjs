// The explorer as a developer meets it: offline, under its own security policy.
// With TRIBUTARY_SCREENSHOTS set to a folder, pictures are left there.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { launch, visitor } from './browser.mjs';
import { startEndpoint, TOKEN } from './endpoint.mjs';

let browser;
let endpoint;
before(async () => ([browser, endpoint] = await Promise.all([launch(), startEndpoint()])));
after(() => Promise.all([browser?.close(), endpoint?.stop()]));

async function explorer(t, viewport = { width: 1280, height: 800 }) {
  const { page } = await visitor(t, browser, { origins: [endpoint.origin], viewport });
  await page.goto(`${endpoint.origin}/explorer`);
  await page.waitForSelector('.graphiql-query-editor .CodeMirror');
  await page.waitForSelector('.graphiql-doc-explorer, button[aria-label="Show Documentation Explorer"]');
  return page;
}

async function write(page, editor, text) {
  await page.click(`${editor} .CodeMirror`);
  await page.keyboard.press('Control+A');
  await page.keyboard.insertText(text);
}

// run waits until GraphiQL has read the operation: it does so with a delay.
async function run(page, operation) {
  await write(page, '.graphiql-query-editor', operation);
  await page.waitForSelector(`.graphiql-tab-active:has-text("${/ (\w+)/.exec(operation)[1]}")`);
  await page.keyboard.press('Control+Enter');
}

const HEADERS = '.graphiql-editor-tool .graphiql-editor:not(.hidden)';
const writeToken = (page) => write(page, HEADERS, JSON.stringify({ Authorization: `Bearer ${TOKEN}` }));

const answered = (page, text) =>
  page.waitForFunction((want) => document.querySelector('.result-window')?.innerText.includes(want), text);

const picture = (page, name) =>
  process.env.TRIBUTARY_SCREENSHOTS && page.screenshot({ path: join(process.env.TRIBUTARY_SCREENSHOTS, `${name}.png`) });

test('a query runs with the token from the headers editor', async (t) => {
  const page = await explorer(t);
  await writeToken(page);
  await run(page, 'query Who { viewer { name } }');
  await answered(page, '"name": "Ada"');
  assert.equal(endpoint.seen.at(-1), `Bearer ${TOKEN}`);
  await picture(page, 'explorer-query');
});

test('the untouched headers editor sends no credentials', async (t) => {
  const before = endpoint.seen.length;
  const page = await explorer(t);
  assert.match(await page.innerText(HEADERS), /"Authorization": "Bearer "/);
  await run(page, 'query Who { viewer { name } }');
  await answered(page, '"viewer": null');
  assert.deepEqual(endpoint.seen.slice(before).filter(Boolean), []);
});

test('the token does not outlive the page', async (t) => {
  const page = await explorer(t);
  await writeToken(page);
  await run(page, 'query Who { viewer { name } }');
  await answered(page, '"name": "Ada"');
  const stored = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie]));
  assert.match(stored, /graphiql:queries.*query Who/);
  assert.doesNotMatch(stored, new RegExp(TOKEN));

  await page.reload();
  await page.waitForSelector('.graphiql-query-editor .CodeMirror');
  assert.match(await page.innerText(HEADERS), /"Bearer "/);
  await page.click('button[aria-label="Show History"]');
  await page.click('.graphiql-history-item-label:has-text("Who")');
  await page.waitForSelector('.graphiql-tab-active:has-text("Who")');
  assert.match(await page.innerText(HEADERS), /"Bearer "/);
});

test('a subscription streams over a socket that carries the token', async (t) => {
  const page = await explorer(t);
  await writeToken(page);
  await run(page, 'subscription Counting { count(to: 3) }');
  await answered(page, '"count": 3');
});

test('a subscription without a token shows the error', async (t) => {
  const page = await explorer(t);
  await run(page, 'subscription Counting { count(to: 3) }');
  await answered(page, 'UNAUTHENTICATED');
});

test('documentation, search, completion and settings work under the policy', async (t) => {
  const page = await explorer(t);
  await page.click('button[aria-label="Show Documentation Explorer"]');
  await page.click('.graphiql-doc-explorer a:text-is("Query")');
  await page.waitForSelector('.graphiql-doc-explorer >> text=Who is asking; the café & <i>more</i>.');
  await page.click('.graphiql-doc-explorer a:text-is("Viewer")');
  await page.waitForSelector('.graphiql-doc-explorer >> text=The one who holds the token.');
  await page.fill('.graphiql-doc-explorer input', 'count');
  await page.waitForSelector('[role=option]:has-text("count")');
  await page.keyboard.press('Escape');

  await write(page, '.graphiql-query-editor', '{ vie');
  await page.keyboard.press('Control+Space');
  await page.waitForSelector('.CodeMirror-hints, .graphiql-query-editor >> text=viewer');
  await picture(page, 'explorer-docs');

  await page.keyboard.press('Escape');
  await page.click('button[aria-label="Open settings dialog"]');
  await page.waitForSelector('.graphiql-dialog >> text=Theme');
  await page.click('.graphiql-dialog >> text=Dark');
  await page.waitForSelector('body.graphiql-dark');
  assert.equal(await page.locator('.graphiql-dialog >> text=Persist headers').count(), 0);
  await picture(page, 'explorer-settings-dark');
});

test('a second tab can be opened and closed', async (t) => {
  const page = await explorer(t);
  await page.click('button[aria-label="New tab"]');
  await page.waitForSelector('.graphiql-tab >> nth=1');
  await page.click('.graphiql-tab >> nth=1 >> button[aria-label="Close Tab"]');
  await page.waitForFunction(() => document.querySelectorAll('.graphiql-tab').length <= 1);
});

test('the page fits a narrow window', async (t) => {
  const page = await explorer(t, { width: 480, height: 800 });
  await write(page, '.graphiql-query-editor', '{ viewer { name } }');
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 480);
  await picture(page, 'explorer-narrow');
});
