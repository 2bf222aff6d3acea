import { useState } from 'preact/hooks';
import { Card, Nothing } from './Card';
import { cash } from './format';
import { question, useAsked } from './live';
import { BALANCES, LINKS } from './queries';
import type { Balance, Link, Page } from './types';

const balances = question<{ balances: Balance[] }>(BALANCES);
const links = question<{ links: Page<Link> }>(LINKS);

// Balances is what an affiliate has, by currency.
export function Balances() {
  const { data, fault } = useAsked(balances, ['commission.', 'payout.'], []);
  return (
    <Card title="Your balance" class="balances" fault={fault} waiting={!data}>
      {data && !data.balances.length && <Nothing title="Nothing earned yet">Your balance begins with the first order that comes by your links.</Nothing>}
      {data?.balances.map((b) => (
        <dl key={b.currency} class="facts">
          <dt>Waits for approval</dt><dd class="num">{cash(b.pending)}</dd>
          <dt>To be paid</dt><dd class="num strong">{cash(b.payable)}</dd>
          <dt>On its way</dt><dd class="num">{cash(b.reserved)}</dd>
          <dt>Paid</dt><dd class="num">{cash(b.paid)}</dd>
        </dl>
      ))}
    </Card>
  );
}

// Links are an affiliate's own, to be copied.
export function Links() {
  const { data, fault } = useAsked(links, ['link.'], []);
  const rows = data?.links.edges.map((e) => e.node).filter((l) => l.status === 'ACTIVE').reverse();
  return (
    <Card title="Your links" class="links" fault={fault} waiting={!rows}>
      {rows && !rows.length && <Nothing title="No links yet">Make one with linkCreate in the explorer, to a page of the shop you like.</Nothing>}
      {rows && rows.length > 0 && <ul class="rows">{rows.map((l) => <OwnLink key={l.id} of={l} />)}</ul>}
    </Card>
  );
}

function OwnLink({ of }: { of: Link }) {
  const [copied, setCopied] = useState('Copy');
  const copy = () => navigator.clipboard.writeText(of.url).then(() => setCopied('Copied'), () => setCopied('Select it'));
  return (
    <li class="own-link">
      <a class="name" href={of.url} target="_blank" rel="noreferrer">{of.url.replace(/^https?:\/\//, '')}</a>
      <span class="muted why">{of.destination}</span>
      <button onClick={copy} aria-label={`Copy ${of.url}`}>{copied}</button>
    </li>
  );
}
