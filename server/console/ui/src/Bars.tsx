import { useState } from 'preact/hooks';
import { Card, Choice, Nothing } from './Card';
import { cash, count } from './format';
import { ranked, type Board, type By, type Measure } from './board';
import { useAsked } from './live';

const BY = [['affiliate', 'Affiliates'], ['program', 'Programs'], ['rule', 'Rules'], ['device', 'Devices'], ['country', 'Countries']] as const;
const MEASURES = [['accrued', 'Commission'], ['sales', 'Sales'], ['conversions', 'Orders'], ['clicks', 'Clicks']] as const;

// Bars is the leaderboard: the sums of thirty days by affiliate or program, or
// how the last hundred orders fall by what they carry.
export function Bars({ home }: { home: { zone: string; currency: string } }) {
  const [by, setBy] = useState<By>('affiliate');
  const [picked, setMeasure] = useState<Measure>('accrued');
  const summed = by === 'affiliate' || by === 'program';
  const measure = summed ? picked : 'conversions';
  const { data, fault } = useAsked(() => ranked(by, measure, home), ['conversion.', 'commission.', 'refund.', 'clicks.', 'affiliate.', 'program.'], [by, measure, home.zone, home.currency], 5000);
  const board = data?.by === by && data.measure === measure ? data : undefined;
  return (
    <Card title="Leaderboard" class="bars" fault={fault} waiting={!board}>
      <div class="pickers">
        <label class="inline"><span class="hidden">By</span><select value={by} onChange={(e) => setBy(e.currentTarget.value as By)}>{BY.map(([key, text]) => <option key={key} value={key}>{text}</option>)}</select></label>
        {summed && <Choice label="Measure" options={MEASURES} value={measure} pick={setMeasure} />}
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
  const text = (value: string) => (board.measure === 'accrued' || board.measure === 'sales' ? cash({ amount: value, currency }) : count(Number(value)));
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
