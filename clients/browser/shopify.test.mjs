// How the storefront script hands the token to a Shopify cart.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch } from './browser.mjs';
import { cartTold, NEWER, OLDER, shopper } from './shopper.mjs';

let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

const SHOPIFY = { head: '<script>window.Shopify = { shop: "x.myshopify.com" }</script>' };

test('the order of a landed visitor carries the token in its note attributes', async (t) => {
  const visit = await shopper(t, browser, SHOPIFY);
  await cartTold(visit, () => visit.land(OLDER));
  assert.deepEqual(visit.shop.updates, [
    { path: '/cart/update.js', method: 'POST', type: 'application/json', body: { attributes: { trb_click: OLDER } } },
  ]);
  await visit.open('/checkout');
  assert.deepEqual(visit.shop.orders, [{ note_attributes: [{ name: 'trb_click', value: OLDER }] }]);
});

test('one token is written once, a newer one again', async (t) => {
  const visit = await shopper(t, browser, SHOPIFY);
  await cartTold(visit, () => visit.land(OLDER));
  await visit.open('/product');
  await visit.page.click('h1');
  await visit.land(OLDER);
  assert.equal(visit.cartCalls(), 1);
  await cartTold(visit, () => visit.land(NEWER));
  assert.deepEqual(visit.shop.updates.map(({ body }) => body.attributes.trb_click), [OLDER, NEWER]);
});

test('a new cart after an order is told again', async (t) => {
  const visit = await shopper(t, browser, SHOPIFY);
  await cartTold(visit, () => visit.land(OLDER));
  await visit.open('/checkout');
  await cartTold(visit, () => visit.open());
  await visit.open('/checkout');
  assert.deepEqual(visit.shop.orders[1].note_attributes, [{ name: 'trb_click', value: OLDER }]);
});

test('a refused update is tried again on the next page, not in a loop', async (t) => {
  const visit = await shopper(t, browser, { ...SHOPIFY, refuseCart: true });
  await cartTold(visit, () => visit.land(OLDER));
  await visit.page.click('h1');
  assert.equal(visit.cartCalls(), 1);
  visit.shop.refuseCart = false;
  await cartTold(visit, () => visit.open());
  assert.equal(visit.shop.updates.length, 2);
});

test('data-shopify is enough, and a page of another shop system is left alone', async (t) => {
  const visit = await shopper(t, browser);
  await visit.land(OLDER);
  assert.equal(visit.cartCalls(), 0);
  visit.shop.attributes = 'data-shopify';
  await cartTold(visit, () => visit.open());
  assert.equal(visit.shop.updates.length, 1);
});

test('a Shopify object that appears after the script is noticed', async (t) => {
  const visit = await shopper(t, browser, {
    pages: new Map([['/', '<script>window.Shopify = {}</script><h1>Shop</h1>']]),
  });
  await cartTold(visit, () => visit.land(OLDER));
  assert.equal(visit.shop.updates.length, 1);
});

test("a shop in another locale is reached through the shop's own root", async (t) => {
  const visit = await shopper(t, browser, {
    head: '<script>window.Shopify = { routes: { root: "/en-ca/" } }</script>',
  });
  await cartTold(visit, () => visit.land(OLDER));
  assert.equal(visit.shop.updates[0].path, '/en-ca/cart/update.js');
});

test('without a token the cart is left alone', async (t) => {
  const visit = await shopper(t, browser, SHOPIFY);
  await visit.open();
  await visit.page.click('h1');
  assert.equal(visit.cartCalls(), 0);
});
