import { useEffect, useRef, useState } from 'preact/hooks';
import uPlot from 'uplot';
import { Card, Choice } from './Card';
import { count } from './format';
import { useDays, useMinutes, type Series } from './series';
import type { Snapshot } from './types';

type Span = 'minutes' | 'days';
const SPANS = [['minutes', 'Live'], ['days', '30 days']] as const;

type Props = { snapshot?: Snapshot; zone: string; home: { zone: string; currency: string } };

// Chart draws clicks and orders over time.
export function Chart({ snapshot, zone, home }: Props) {
  const [span, pick] = useState<Span>('minutes');
  const minutes = useMinutes(snapshot);
  const { series: days, fault } = useDays(home.zone, snapshot);
  const series = span === 'minutes' ? minutes : days;
  const sum = (list: (number | null)[]) => count(list.reduce<number>((n, v) => n + (v ?? 0), 0));
  return (
    <Card title="Clicks and orders" class="chart" fault={span === 'days' ? fault : undefined} waiting={!series} tools={<Choice label="Period" options={SPANS} value={span} pick={pick} />}>
      {series && (
        <>
          <p class="legend">
            <span class="key clicks">{sum(series[1])} clicks</span> <span class="key orders">{sum(series[2])} orders</span>
            <span class="muted">{span === 'minutes' ? 'in the last two minutes, since this page is open' : 'in 30 days'}</span>
          </p>
          <Plot key={span} series={series} zone={span === 'minutes' ? zone : 'UTC'} dates={span === 'days'} label={`${sum(series[1])} clicks and ${sum(series[2])} orders`} />
        </>
      )}
    </Card>
  );
}

// useTheme counts the changes of colour, by the reader or by the system.
function useTheme(): number {
  const [changes, setChanges] = useState(0);
  useEffect(() => {
    const system = matchMedia('(prefers-color-scheme: dark)');
    const change = () => setChanges((n) => n + 1);
    system.addEventListener('change', change);
    window.addEventListener('theme', change);
    return () => (system.removeEventListener('change', change), window.removeEventListener('theme', change));
  }, []);
  return changes;
}

type PlotProps = { series: Series; zone: string; dates: boolean; label: string };

function Plot({ series, zone, dates, label }: PlotProps) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot>(undefined);
  const theme = useTheme();
  useEffect(() => {
    const room = box.current!;
    const drawn = new uPlot(options(room, zone, dates), series as uPlot.AlignedData, room);
    plot.current = drawn;
    const watch = new ResizeObserver(() => drawn.setSize(sizeOf(room)));
    watch.observe(room);
    return () => (watch.disconnect(), drawn.destroy());
  }, [theme, zone, dates]);
  useEffect(() => plot.current?.setData(series as uPlot.AlignedData), [series]);
  return <div class="plot" ref={box} role="img" aria-label={label} />;
}

const sizeOf = (box: HTMLElement) => ({ width: Math.max(200, box.clientWidth), height: Math.max(120, box.clientHeight) });

function options(box: HTMLElement, zone: string, dates: boolean): uPlot.Options {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  const axis = { stroke: colour('--muted'), font: '11px system-ui, sans-serif', ticks: { show: false }, grid: { stroke: colour('--line'), width: 1 } };
  const whole = (_: uPlot, values: number[]) => values.map((v) => (Number.isInteger(v) ? count(v) : ''));
  const top = (_: uPlot, __: number, max: number): uPlot.Range.MinMax => [0, Math.max(4, Math.ceil((max ?? 0) * 1.15))];
  return {
    ...sizeOf(box),
    legend: { show: false },
    cursor: { show: false },
    padding: [8, 12, 0, 0],
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), zone),
    scales: { y: { range: top } },
    axes: [{ ...axis, grid: { show: false }, space: 64, size: 26, values: dates ? '{MMM} {D}' : '{HH}:{mm}:{ss}' }, { ...axis, size: 40, values: whole }],
    series: [
      {},
      { stroke: colour('--clicks'), fill: colour('--clicks-fill'), width: 2, points: { show: false }, paths: uPlot.paths.spline!() },
      { stroke: colour('--orders'), fill: colour('--orders'), width: 0, points: { show: false }, paths: uPlot.paths.bars!({ size: [0.5, 14], radius: 0.2 }) },
    ],
  };
}
