// A small shop on loopback: pages that carry the storefront script, and the
// part of Shopify's cart interface that the script talks to.
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';

const SCRIPT = new URL('../../track/script/t.js', import.meta.url);

// startStorefront listens on a free port until the test ends. Fields a test may
// set: pages (path → HTML body), head (HTML before the script), attributes
// (of the script tag), refuseCart (answer cart updates with 429). Fields it may
// read: updates (bodies received), submitted (forms received), orders.
export async function startStorefront(t) {
  const shop = {
    pages: new Map(),
    head: '',
    attributes: '',
    refuseCart: false,
    script: await readFile(SCRIPT),
    carts: new Map(),
    updates: [],
    submitted: [],
    orders: [],
  };
  const server = createServer((request, response) => answer(shop, request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  shop.origin = `http://127.0.0.1:${server.address().port}`;
  return shop;
}

// html is the page a path answers with; tests that need HTTPS serve it themselves.
export function html(shop, path) {
  return `<!doctype html><title>shop</title>${shop.head}
<script src="/t.js" ${shop.attributes}></script>
<body>${shop.pages.get(path) ?? '<h1>Shop</h1>'}</body>`;
}

async function answer(shop, request, response) {
  const path = new URL(request.url, 'http://shop').pathname;
  const body = await text(request);
  if (path === '/t.js') return send(response, 200, 'text/javascript; charset=utf-8', shop.script);
  if (path.endsWith('/cart/update.js')) return updateCart(shop, request, response, path, body);
  if (path === '/checkout') return checkOut(shop, request, response);
  if (request.method === 'POST') shop.submitted.push(Object.fromEntries(new URLSearchParams(body)));
  return send(response, 200, 'text/html; charset=utf-8', html(shop, path));
}

// updateCart merges attributes as Shopify does: named ones replace, others stay.
function updateCart(shop, request, response, path, body) {
  const type = request.headers['content-type'];
  shop.updates.push({ path, method: request.method, type, body: JSON.parse(body) });
  if (shop.refuseCart) return send(response, 429, 'application/json', '{}');
  const id = cartOf(request) ?? randomBytes(12).toString('hex');
  const cart = shop.carts.get(id) ?? { token: id, attributes: {} };
  Object.assign(cart.attributes, JSON.parse(body).attributes);
  shop.carts.set(id, cart);
  response.setHeader('Set-Cookie', `cart=${id}; Path=/; SameSite=Lax`);
  return send(response, 200, 'application/json', JSON.stringify(cart));
}

// checkOut turns the cart into an order, its attributes into note_attributes,
// and takes the cart away.
function checkOut(shop, request, response) {
  const { attributes = {} } = shop.carts.get(cartOf(request)) ?? {};
  shop.orders.push({ note_attributes: Object.entries(attributes).map(([name, value]) => ({ name, value })) });
  response.setHeader('Set-Cookie', 'cart=; Path=/; Max-Age=0');
  return send(response, 200, 'text/html', '<h1>Thank you</h1>');
}

function cartOf(request) {
  return /(?:^|; )cart=([^;]+)/.exec(request.headers.cookie ?? '')?.[1];
}

async function text(request) {
  let whole = '';
  for await (const chunk of request) whole += chunk;
  return whole;
}

function send(response, status, type, body) {
  response.writeHead(status, { 'Content-Type': type, 'Cache-Control': 'no-store' }).end(body);
}
