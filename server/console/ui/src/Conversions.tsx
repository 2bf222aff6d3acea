import { useEffect, useRef, useState } from 'preact/hooks';
import { Badge, Card, Nothing } from './Card';
import { Explain } from './Explain';
import { cash, stamp, words } from './format';
import { question, useAsked } from './live';
import { CONVERSIONS } from './queries';
import type { Conversion, Page } from './types';

const KINDS = ['conversion.', 'refund.', 'chargeback.', 'commission.'];
const LAST = 30; // asked for
const FIRST = 10; // shown until more are wanted
const load = question<{ conversions: Page<Conversion> }>(CONVERSIONS, { last: LAST });

export const nameOf = (c: { orderNumber: string; externalID: string }) => c.orderNumber || c.externalID;

// Conversions are the latest orders, newest first; each can be asked why.
export function Conversions({ zone, own }: { zone: string; own: boolean }) {
  const { data, fault } = useAsked(load, KINDS, []);
  const [open, setOpen] = useState<string>();
  const [all, setAll] = useState(false);
  const rows = data?.conversions.edges.map((e) => e.node).sort((a, b) => b.id.localeCompare(a.id));
  return (
    <Card title="Recent orders" class="orders" fault={fault} waiting={!rows} tools={<span class="muted">Choose one to see why</span>}>
      {rows && !rows.length && (
        <Nothing title="No orders yet">
          {own ? 'Share one of your links. Orders of those who come by it stand here at once.' : 'Open an affiliate’s link and report an order with conversionRecord, or connect a shop. It stands here at once.'}
        </Nothing>
      )}
      {rows && rows.length > 0 && <ul class="rows" onKeyDown={walk}>{rows.slice(0, all ? LAST : FIRST).map((c) => <Order key={c.id} of={c} zone={zone} own={own} open={() => setOpen(c.id)} />)}</ul>}
      {rows && rows.length > FIRST && <button class="more" onClick={() => setAll(!all)} aria-expanded={all}>{all ? 'Show fewer' : `Show ${rows.length}`}</button>}
      {open && <Explain id={open} zone={zone} close={() => setOpen(undefined)} />}
    </Card>
  );
}

// walk moves along the list with the arrow keys.
function walk(event: KeyboardEvent) {
  const to = { ArrowDown: 'nextElementSibling', ArrowUp: 'previousElementSibling' }[event.key] as 'nextElementSibling' | undefined;
  if (!to) return;
  event.preventDefault();
  (event.target as HTMLElement).closest('li')?.[to]?.querySelector('button')?.focus();
}

type OrderProps = { of: Conversion; zone: string; own: boolean; open: () => void };

function Order({ of: c, zone, own, open }: OrderProps) {
  const fresh = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (Date.now() - Date.parse(c.occurredAt) < 20_000) fresh.current?.animate?.([{ background: 'var(--wash)' }, {}], 1200);
  }, []);
  const nobody = c.rating === 'WAITING' ? 'Being decided' : 'Nobody’s';
  return (
    <li ref={fresh}>
      <button class="order" onClick={open} aria-haspopup="dialog">
        <span class="name">{nameOf(c)}</span>
        <span class="muted at">{stamp(c.occurredAt, zone)}</span>
        <span class="whose">{own ? words(c.attribution?.rule ?? '') : c.attribution?.affiliate?.name ?? nobody}</span>
        <Badge of={c.status} text={words(c.status)} />
        <span class="num">{cash(c.base)}</span>
        <Earnings of={c.commissions} />
      </button>
    </li>
  );
}

// Earnings is the seller's commission, and how many of the upline earn with it.
function Earnings({ of }: { of: Conversion['commissions'] }) {
  const [first, ...others] = [...of].sort((a, b) => a.level - b.level);
  return (
    <span class="num earned">
      {first && `+${cash(first.net)}`}
      {others.length > 0 && <small title={others.map((k) => `+${cash(k.net)}`).join(', ')}> and {others.length} more</small>}
    </span>
  );
}
