import { useState } from 'preact/hooks';
import { Card, Choice, Nothing } from './Card';
import { cash, count } from './format';
import { counted, ranked, type Board, type By, type Home, type Measure } from './board';
import { useAsked } from './live';

const BY = [['affiliate', 'Affiliates'], ['program', 'Programs'], ['country', 'Countries'], ['device', 'Devices'], ['channel', 'Channels'], ['coupon', 'Coupons']] as const;
const MEASURES = [['commission', 'Commission'], ['sales', 'Sales'], ['conversions', 'Orders'], ['clicks', 'Clicks']] as const;

// Bars is the leaderboard: thirty days by affiliate, by program or by what orders carry.
export function Bars({ home }: { home: Home }) {
  const [by, setBy] = useState<By>('affiliate');
  const [picked, setMeasure] = useState<Measure>('commission');
  const measures = counted(by) ? MEASURES : MEASURES.filter(([key]) => key !== 'clicks');
  const measure = measures.some(([key]) => key === picked) ? picked : 'conversions';
  const { data, fault } = useAsked(() => ranked(by, measure, home), ['conversion.', 'commission.', 'refund.', 'clicks.', 'affiliate.', 'program.'], [by, measure, home.zone, home.currency], 5000);
  const board = data?.by === by && data.measure === measure ? data : undefined;
  return (
    <Card title="Leaderboard" class="bars" fault={fault} waiting={!board}>
      <div class="pickers">
        <label class="inline"><span class="hidden">By</span><select value={by} onChange={(e) => setBy(e.currentTarget.value as By)}>{BY.map(([key, text]) => <option key={key} value={key}>{text}</option>)}</select></label>
        <Choice label="Measure" options={measures} value={measure} pick={setMeasure} />
      </div>
      {board && <Ranks board={board} currency={home.currency} />}
    </Card>
  );
}

function Ranks({ board, currency }: { board: Board; currency: string }) {
  if (!board.rows.length) {
    return <Nothing title="Nobody has earned here yet">{board.by === 'affiliate' ? 'Bring an affiliate in with affiliateCreate, or let people apply with affiliateApply.' : 'The bars grow with the first orders.'}</Nothing>;
  }
  const most = Math.max(...board.rows.map((r) => Number(r.value)), 1e-9);
  const text = (value: string) => (board.measure === 'commission' || board.measure === 'sales' ? cash({ amount: value, currency }) : count(Number(value)));
  return (
    <>
      <ol class="ranks">
        {board.rows.map((r) => (
          <li key={r.id}>
            <span class="name" title={r.name}>{r.name}</span><span class="num">{text(r.value)}</span>
            <meter class="bar" min={0} max={most} value={Math.max(0, Number(r.value))} aria-hidden="true" />
          </li>
        ))}
      </ol>
      <p class="muted small">{board.note}</p>
    </>
  );
}
