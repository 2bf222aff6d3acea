import { useEffect, useState } from 'preact/hooks';
import { Bars } from './Bars';
import { Balances, Links } from './Own';
import { Chart } from './Chart';
import { wear } from './colours';
import { Conversions } from './Conversions';
import { Counters } from './Counters';
import { Begin } from './Begin';
import { Files } from './Files';
import { Funnel } from './Funnel';
import { Header } from './Header';
import { useStreams } from './live';
import { Look } from './Look';
import { Payouts } from './Payouts';
import { zone as chosenZone } from './settings';
import { Sync } from './Sync';
import type { Viewer } from './types';

const LISTS = [['ORDERS', 'CONVERSION_READ'], ['COMMISSIONS', 'COMMISSION_READ'], ['PAYOUTS', 'PAYOUT_READ'], ['AFFILIATES', 'AFFILIATE_READ'], ['REPORT', 'REPORT_READ']] as const;

type Props = { viewer: Viewer; moved: () => void; left: () => void };

// Desk is the page of who is signed in: what a role may not see is not there.
export function Desk({ viewer, moved, left }: Props) {
  const [picked, setPicked] = useState(chosenZone());
  const merchant = viewer.merchant;
  const { snapshot, line } = useStreams(merchant?.id ?? '');
  useEffect(() => (wear(viewer.brand?.accent ?? null), () => wear(null)), [viewer.brand?.accent]);
  const zone = picked || merchant?.timeZone || 'UTC';
  const may = (scope: string) => viewer.scopes.includes(scope);
  const own = viewer.affiliate !== null;
  const home = { zone: merchant?.timeZone ?? 'UTC', currency: merchant?.currency ?? 'USD' };
  const lists = LISTS.filter(([, scope]) => may(scope)).map(([list]) => list).filter((list) => !own || list !== 'AFFILIATES');
  return (
    <>
      <a class="skip" href="#main">Skip to the numbers</a>
      <Header viewer={viewer} line={line} zone={picked} pickZone={setPicked} moved={moved} left={left} />
      <main id="main" class="desk" tabIndex={-1}>
        <h1 class="hidden">{own ? `${viewer.affiliate!.name} at ${merchant?.name}` : merchant?.name}</h1>
        {!own && may('PROGRAM_WRITE') && <Begin />}
        {may('REPORT_READ') && <Counters snapshot={snapshot} currency={home.currency} own={own} />}
        <div class="column">
          {may('REPORT_READ') && <Chart snapshot={snapshot} zone={zone} home={home} />}
          {may('CONVERSION_READ') && <Conversions zone={zone} own={own} />}
          {may('PROGRAM_READ') && lists.length > 0 && <Files zone={zone} home={home} lists={lists} />}
        </div>
        <div class="column">
          {own ? <><Balances /><Links /></> : may('REPORT_READ') && <Bars home={home} />}
          {may('REPORT_READ') && <Funnel home={home} />}
          {may('PAYOUT_READ') && <Payouts zone={zone} own={own} />}
          {!own && may('INTEGRATION_READ') && <Sync zone={zone} />}
          {!own && may('MERCHANT_WRITE') && <Look brand={viewer.brand} changed={moved} />}
        </div>
      </main>
      <footer class="foot">
        <span>Times in {zone.replaceAll('_', ' ')}. Days are counted in each program’s own zone.</span>
        <nav aria-label="For developers"><a href="/explorer">API explorer</a> <a href="/schema.graphql">Schema</a></nav>
      </footer>
    </>
  );
}
