import { Badge, Card, Nothing } from './Card';
import { cash, stamp, words } from './format';
import { question, useAsked } from './live';
import { PAYOUTS } from './queries';
import type { Page, Payout } from './types';

const load = question<{ payouts: Page<Payout> }>(PAYOUTS);

export function Payouts({ zone, own }: { zone: string; own: boolean }) {
  const { data, fault } = useAsked(load, ['payout.'], []);
  const rows = data?.payouts.edges.map((e) => e.node).reverse();
  return (
    <Card title="Payouts" class="payouts" fault={fault} waiting={!rows}>
      {rows && !rows.length && (
        <Nothing title="Nothing paid out yet">
          {own ? 'What is approved is paid with the next run above the threshold. Leave your payout details with payoutMethodSet.' : 'Approved commission is paid in batches: make one with payoutBatchCreate, then approve it.'}
        </Nothing>
      )}
      {rows && rows.length > 0 && (
        <ul class="rows">
          {rows.map((p) => (
            <li key={p.id} class="payout">
              <span class="name">{own ? p.batch.batchKey : p.affiliate.name}</span>
              <span class="muted">{words(p.batch.rail)} · {stamp(p.settledAt ?? p.createdAt, zone)}</span>
              <Badge of={p.status} text={words(p.status)} />
              <span class="num">{cash(p.amount)}</span>
              {p.reason && <span class="muted why">{p.reason}</span>}
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}
