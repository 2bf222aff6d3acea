import { useEffect, useRef, useState } from 'preact/hooks';
import { Choice } from './Card';
import { cash, count } from './format';
import type { Row, Snapshot } from './types';

// Counters are the numbers of today with those of all time beneath, moving.
export function Counters({ snapshot, currency, own }: { snapshot?: Snapshot; currency: string; own: boolean }) {
  const known = currencies(snapshot, currency);
  const [picked, pick] = useState('');
  const now = picked && known.includes(picked) ? picked : known[0];
  const today = summed(snapshot?.today ?? [], now);
  const total = summed(snapshot?.total ?? [], now);
  const money = (amount: string) => cash({ amount, currency: now });
  return (
    <section class="counters" aria-label="Numbers of today" aria-busy={!snapshot}>
      {known.length > 1 && <Choice label="Currency" options={known.map((c) => [c, c] as const)} value={now} pick={pick} />}
      <dl>
        <Counter name="clicks" label="Clicks" now={count(today.clicks)} all={count(total.clicks)} />
        <Counter name="orders" label="Orders" now={count(today.conversions)} all={count(total.conversions)} />
        <Counter name="sales" label="Sales" now={money(today.sales)} all={money(total.sales)} />
        <Counter name="accrued" label={own ? 'Earned' : 'Commission'} now={money(today.accrued)} all={money(total.accrued)} />
        <Counter name="approved" label="Approved" now={money(today.approved)} all={money(total.approved)} />
        <Counter name="paid" label={own ? 'Paid to you' : 'Paid out'} now={money(today.paid)} all={money(total.paid)} />
      </dl>
    </section>
  );
}

// currencies lists those with numbers, the merchant's first.
function currencies(snapshot: Snapshot | undefined, home: string): string[] {
  const others = (snapshot?.total ?? []).map((r) => r.currency).filter((c) => c && c !== home);
  const seen = snapshot?.total.some((r) => r.currency === home) || !others.length;
  return [...(seen ? [home] : []), ...new Set(others)];
}

const ZERO: Row = { day: '', currency: '', clicks: 0, conversions: 0, sales: '0', refunded: '0', accrued: '0', approved: '0', paid: '0' };

// summed is the row of a currency. Clicks have none, so those of all rows count.
export function summed(rows: Row[], currency: string): Row {
  return { ...ZERO, ...rows.find((r) => r.currency === currency), clicks: rows.reduce((n, r) => n + r.clicks, 0) };
}

function Counter({ name, label, now, all }: { name: string; label: string; now: string; all: string }) {
  const value = useRef<HTMLElement>(null);
  const before = useRef(now);
  useEffect(() => {
    if (before.current === now) return;
    before.current = now;
    value.current?.animate?.([{ color: 'var(--accent)' }, {}], { duration: matchMedia('(prefers-reduced-motion: reduce)').matches ? 0 : 900 });
  }, [now]);
  return (
    <div class="counter" data-counter={name}>
      <dt>{label} <span>today</span></dt>
      <dd ref={value} class="now">{now}</dd>
      <dd class="all">{all} <span>all time</span></dd>
    </div>
  );
}
