import { stepped, type Home, type Step } from './board';
import { Card, Nothing } from './Card';
import { cash, count } from './format';
import { useAsked } from './live';

// Funnel is how far those come who open a link, and what it comes to, over thirty days.
export function Funnel({ home }: { home: Home }) {
  const { data, fault } = useAsked(() => stepped(home), ['conversion.', 'commission.', 'refund.', 'clicks.'], [home.zone, home.currency], 5000);
  return (
    <Card title="Funnel" class="funnel" fault={fault} waiting={!data}>
      {data && !data.steps[0].count && !data.steps[2].count && <Nothing title="Nobody has opened a link yet">The first click begins it.</Nothing>}
      {data && (data.steps[0].count > 0 || data.steps[2].count > 0) && (
        <>
          <ol class="ranks">{data.steps.map((s) => <Stage key={s.name} of={s} most={data.steps[0].count} />)}</ol>
          {data.money && (
            <dl class="facts">
              <dt>Sales</dt><dd class="num">{cash({ amount: data.money.sales, currency: data.currency })}</dd>
              <dt>Commission</dt><dd class="num">{cash({ amount: data.money.commission, currency: data.currency })}</dd>
              <dt>Approved of it</dt><dd class="num">{cash({ amount: data.money.approved, currency: data.currency })}</dd>
            </dl>
          )}
          <p class="muted small">Of the clicks of the last 30 days, and the orders that came from them.</p>
        </>
      )}
    </Card>
  );
}

function Stage({ of: { name, label, count: n, of }, most }: { of: Step; most: number }) {
  return (
    <li data-stage={name}>
      <span class="name">{label}{n < of && <span class="muted"> {rate(n, of)}</span>}</span><span class="num">{count(n)}</span>
      <meter class="bar" min={0} max={Math.max(most, n, 1)} value={n} aria-hidden="true" />
    </li>
  );
}

const percent = new Intl.NumberFormat(undefined, { style: 'percent', maximumFractionDigits: 1 });
const rate = (n: number, of: number) => percent.format(n / of);
