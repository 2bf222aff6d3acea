// How the storefront script takes the click token from the landing address and keeps it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch } from './browser.mjs';
import { cartTold, NEWER, NEWEST, OLDER, shopper } from './shopper.mjs';
import { html } from './storefront.mjs';

const DAY = 86_400;
let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

const lifetime = ({ expires }) => expires - Date.now() / 1000;
const near = (actual, days) =>
  assert.ok(Math.abs(actual - days * DAY) < 120, `${actual / DAY} days, want ${days}`);

test('a landing token is kept in a lax first-party cookie for 30 days', async (t) => {
  const visit = await shopper(t, browser);
  await visit.land(OLDER);
  const cookie = await visit.cookie();
  assert.equal(cookie.value, OLDER);
  assert.deepEqual(
    [cookie.domain, cookie.path, cookie.sameSite, cookie.secure, cookie.httpOnly],
    ['127.0.0.1', '/', 'Lax', false, false],
  );
  near(lifetime(cookie), 30);
  await visit.open('/product');
  assert.equal(await visit.token(), OLDER);
});

test('the cookie is Secure on HTTPS', async (t) => {
  const visit = await shopper(t, browser);
  await visit.context.route('https://shop.example/**', (route) =>
    route.request().url().endsWith('/t.js')
      ? route.fulfill({ contentType: 'text/javascript', body: visit.shop.script.toString() })
      : route.fulfill({ contentType: 'text/html', body: html(visit.shop, '/') }),
  );
  await visit.page.goto(`https://shop.example/?trb_click=${OLDER}`);
  const cookie = await visit.cookie();
  assert.deepEqual([cookie.value, cookie.secure, cookie.sameSite], [OLDER, true, 'Lax']);
});

for (const [value, days] of [['7', 7], ['365', 365], ['0', 30], ['-3', 30], ['soon', 30]]) {
  test(`data-window-days="${value}" keeps the token ${days} days`, async (t) => {
    const visit = await shopper(t, browser, { attributes: `data-window-days="${value}"` });
    await visit.land(OLDER);
    near(lifetime(await visit.cookie()), days);
  });
}

test('a later page view does not prolong the window', async (t) => {
  const visit = await shopper(t, browser);
  await visit.land(OLDER);
  const first = await visit.cookie();
  const stored = await visit.kept();
  visit.shop.attributes = 'data-window-days="90"';
  await visit.open();
  assert.equal((await visit.cookie()).expires, first.expires);
  assert.deepEqual(await visit.kept(), stored);
});

test('the newest token wins, also over an older landing page opened again', async (t) => {
  const visit = await shopper(t, browser);
  await visit.land(OLDER);
  await visit.land(NEWER);
  assert.equal(await visit.token(), NEWER);
  await visit.land(OLDER);
  assert.equal(await visit.token(), NEWER);
  await visit.land(NEWEST);
  assert.equal((await visit.cookie()).value, NEWEST);
});

for (const [why, value] of [
  ['too short', OLDER.slice(1)],
  ['too long', `${OLDER}a`],
  ['upper case', OLDER.toUpperCase()],
  ['a foreign character', `${OLDER.slice(0, 47)}-`],
  ['a cookie attribute', `${OLDER.slice(0, 40)};Path=/x`],
  ['empty', ''],
]) {
  test(`a token that is ${why} is ignored and displaces nothing`, async (t) => {
    const visit = await shopper(t, browser);
    await visit.land(value);
    assert.deepEqual([await visit.token(), await visit.cookie(), await visit.kept()], ['', undefined, []]);
    await visit.land(OLDER);
    await visit.land(value);
    assert.equal(await visit.token(), OLDER);
  });
}

test('only the parameter of that name counts, and the last of several', async (t) => {
  const visit = await shopper(t, browser);
  await visit.open(`/?not_trb_click=${OLDER}&x=trb_click=${OLDER}`);
  assert.equal(await visit.token(), '');
  await visit.open(`/?trb_click=${NEWER}&trb_click=${OLDER}#trb_click=${NEWEST}`);
  assert.equal(await visit.token(), OLDER);
});

test('local storage stands in when cookies are off, and ends with the window', async (t) => {
  const visit = await shopper(t, browser, {
    prepare: "Object.defineProperty(document, 'cookie', { get: () => '', set() {} })",
  });
  await visit.land(OLDER);
  await visit.open('/product');
  assert.equal(await visit.token(), OLDER);
  await visit.page.evaluate((token) => localStorage.setItem('trb_click', token + (Date.now() - 1000)), OLDER);
  await visit.open('/product');
  assert.equal(await visit.token(), '');
});

test('the cookie comes back from local storage with the days that are left', async (t) => {
  const visit = await shopper(t, browser);
  await visit.land(OLDER);
  await visit.context.clearCookies();
  await visit.page.evaluate(
    ([token, left]) => localStorage.setItem('trb_click', token + (Date.now() + left)),
    [OLDER, 5 * DAY * 1000],
  );
  await visit.open();
  near(lifetime(await visit.cookie()), 5);
});

test('a page that refuses all storage still has the token and no error', async (t) => {
  const refuse = (object, name) =>
    `Object.defineProperty(${object}, '${name}', { get() { throw new Error('no') }, set() { throw new Error('no') } });`;
  const visit = await shopper(t, browser, {
    prepare: refuse('document', 'cookie') + refuse('window', 'localStorage'),
    pages: new Map([['/', '<form data-tributary></form>']]),
  });
  await visit.land(OLDER);
  assert.equal(await visit.token(), OLDER);
  assert.equal(await visit.page.inputValue('input[name=trb_click]'), OLDER);
});

test('a page that has the script twice runs it once', async (t) => {
  const visit = await shopper(t, browser, {
    head: '<script src="/t.js" data-shopify data-window-days="3"></script>',
    attributes: 'data-shopify',
    refuseCart: true,
  });
  await cartTold(visit, () => visit.land(OLDER));
  near(lifetime(await visit.cookie()), 3);
  assert.equal(visit.cartCalls(), 1);
});
