// The series of the chart: days from the report, and the last minutes as they pass.
import { useEffect, useRef, useState } from 'preact/hooks';
import { ask } from './api';
import { summed } from './Counters';
import { dayOf } from './format';
import { DAYS } from './queries';
import type { Row, Snapshot } from './types';

// Series are instants in seconds, and clicks and orders at each; null is unknown.
export type Series = [number[], (number | null)[], (number | null)[]];

const STEP = 2;
const STEPS = 60;

// useMinutes gathers what came in each two seconds of the last two minutes,
// since the page was opened.
export function useMinutes(snapshot?: Snapshot): Series {
  const latest = useRef<Snapshot | undefined>(undefined);
  const before = useRef<Snapshot | undefined>(undefined);
  const [series, setSeries] = useState<Series>(() => blank());
  latest.current = snapshot;
  useEffect(() => {
    const timer = setInterval(() => {
      const now = latest.current;
      if (now && before.current) setSeries((s) => step(s, before.current!, now));
      before.current = now;
    }, STEP * 1000);
    return () => clearInterval(timer);
  }, []);
  useEffect(() => void (before.current ??= snapshot), [snapshot]);
  return series;
}

function blank(): Series {
  const end = Math.floor(Date.now() / 1000);
  const times = Array.from({ length: STEPS }, (_, i) => end - (STEPS - 1 - i) * STEP);
  return [times, times.map(() => null), times.map(() => null)];
}

function step([times, clicks, orders]: Series, before: Snapshot, now: Snapshot): Series {
  const came = (of: (rows: Row[]) => number) => Math.max(0, of(now.total) - of(before.total));
  const push = <T,>(list: T[], value: T) => [...list.slice(1), value];
  return [
    push(times, Math.floor(Date.now() / 1000)),
    push<number | null>(clicks, came((rows) => rows.reduce((n, r) => n + r.clicks, 0))),
    push<number | null>(orders, came((rows) => rows.reduce((n, r) => n + r.conversions, 0))),
  ];
}

// useDays is the last thirty days; today moves with the snapshot.
export function useDays(zone: string, snapshot?: Snapshot): { series?: Series; fault?: string } {
  const [rows, setRows] = useState<Row[]>();
  const [fault, setFault] = useState<string>();
  const to = dayOf(new Date(), zone);
  useEffect(() => {
    const from = dayOf(new Date(Date.parse(to) - 29 * 86_400_000), 'UTC');
    ask<{ stats: { days: Row[] } }>(DAYS, { input: { from, to } }).then(({ stats }) => setRows(stats.days), (cause: Error) => setFault(cause.message));
  }, [to]);
  return { series: rows && days(rows, to, snapshot), fault };
}

function days(rows: Row[], to: string, snapshot?: Snapshot): Series {
  const end = Date.parse(to);
  const names = Array.from({ length: 30 }, (_, i) => new Date(end - (29 - i) * 86_400_000).toISOString().slice(0, 10));
  const of = (day: string) => (day === to && snapshot ? snapshot.today : rows.filter((r) => r.day === day));
  return [
    names.map((day) => Date.parse(day) / 1000),
    names.map((day) => summed(of(day), '').clicks),
    names.map((day) => of(day).reduce((n, r) => n + r.conversions, 0)),
  ];
}
