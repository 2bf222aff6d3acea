// Every document the console sends.
const SESSION = '{ refreshToken challenge merchantId userErrors { message } }';

export const LOG_IN = `mutation LogIn($input: LogInInput!) { logIn(input: $input) ${SESSION} }`;
export const SECOND_FACTOR = `mutation SecondFactor($input: LogInSecondFactorInput!) { logInSecondFactor(input: $input) ${SESSION} }`;
export const SIGN_UP = `mutation SignUp($input: SignUpInput!) { signUp(input: $input) ${SESSION} }`;
export const VERIFY = 'mutation Verify($input: EmailVerifyInput!) { emailVerify(input: $input) { verified userErrors { message } } }';
export const SWITCH = 'mutation Switch($input: SessionSwitchInput!) { sessionSwitch(input: $input) { accessToken merchantId userErrors { message } } }';

export const VIEWER = `query Viewer { viewer {
  role scopes merchant { id name mode currency timeZone } brand { accent logo version } affiliate { id name }
  memberships { merchantId merchantName mode role } account { email }
} }`;

export const BRAND_SET = 'mutation Look($input: BrandSetInput!) { brandSet(input: $input) { userErrors { message } } }';

const ROW = '{ day currency clicks conversions sales refunded accrued approved paid }';

export const LIVE = `subscription Live { liveStats { cursor at today ${ROW} total ${ROW} } }`;
export const EVENTS = 'subscription Events($after: String) { events(after: $after) { cursor type at subjectId } }';
export const DAYS = `query Days($input: StatsInput!) { stats(input: $input) { days ${ROW} } }`;

export const CONVERSIONS = `query Conversions($last: Int!) { conversions(last: $last) { edges { node {
  id orderNumber externalID occurredAt kind status rating country device
  base { amount currency } attribution { rule affiliate { id name } }
  commissions { id level net { amount currency } }
} } } }`;

export const EXPLAIN = `query Explain($id: ID!) { node(id: $id) { ... on Conversion {
  id orderNumber externalID occurredAt kind status rating ratingReason source
  base { amount currency } refunded { amount currency }
  attribution { rule reason decidedAt affiliate { id name } policy { model windowDays } touches { touchId kind affiliateId at won share excluded } }
  commissions { id level status reason dueAt amount { amount currency } net { amount currency } affiliate { id name }
    explanation { steps { name text after { amount currency } } levels { text outcome } } }
} } }`;

export const PROGRAMS = 'query Programs { programs(last: 100) { edges { node { id name } } pageInfo { hasPreviousPage } } }';

const AMOUNTS = 'amounts { currency sales commission approved }';
export const REPORT = `query Board($input: ReportInput!) { report(input: $input) { rows {
  programId affiliateId country device channel coupon numbers { clicks conversions ${AMOUNTS} }
} } }`;
export const THIRTY = `query Funnel($input: ReportInput!) { report(input: $input) { totals { clicks clicksUnpayable clicksUnique conversions ${AMOUNTS} } } }`;

// namesOf asks for the names of several affiliates or programs at once.
export function namesOf(count: number): string {
  const each = Array.from({ length: count }, (_, i) => i);
  return `query Names(${each.map((i) => `$i${i}: ID!`).join(' ')}) {
    ${each.map((i) => `n${i}: node(id: $i${i}) { id ... on Affiliate { name } ... on Program { name } }`).join('\n')} }`;
}

const FILE = '{ id name format status reason rows createdAt url }';
export const EXPORTS = `query Exports { exports ${FILE} }`;
export const EXPORT = `mutation Export($input: ExportCreateInput!) { exportCreate(input: $input) { export { id } userErrors { message } } }`;
export const EXPORT_PROGRESS = `subscription Progress($id: ID!) { exportProgress(id: $id) ${FILE} }`;

export type Listed = 'ORDERS' | 'COMMISSIONS' | 'PAYOUTS' | 'AFFILIATES' | 'REPORT';
const EACH = (rows: string) => `{ edges { node { ${rows} } } }`;
const SUM = '{ amount currency }';

// listOf is what a file is written from: a list, or a report of some days.
export function listOf(list: Listed, { from, to }: { from: string; to: string }): string {
  switch (list) {
    case 'ORDERS':
      return `{ conversions ${EACH(`id externalID orderNumber occurredAt kind status rating country device base ${SUM} refunded ${SUM} attribution { rule affiliate { id name } }`)} }`;
    case 'COMMISSIONS':
      return `{ commissions ${EACH(`id kind level status reason earnedAt dueAt amount ${SUM} net ${SUM} affiliate { id name } conversion { externalID orderNumber }`)} }`;
    case 'PAYOUTS':
      return `{ payouts ${EACH(`id createdAt status reference reason settledAt amount ${SUM} affiliate { id name } batch { batchKey rail }`)} }`;
    case 'AFFILIATES':
      return `{ affiliates ${EACH('id name email status createdAt')} }`;
    case 'REPORT':
      return `{ report(input: { from: "${from}", to: "${to}", dateBasis: CONVERSION, granularity: DAY, dimensions: [AFFILIATE], top: 1000 }) {
        rows { from affiliateId numbers { clicks clicksUnique conversions amounts { currency sales refunded pending approved commission epc } } } } }`;
  }
}

export const PAYOUTS = `query Payouts { payouts(last: 20) { edges { node {
  id createdAt status reference reason settledAt amount { amount currency } affiliate { id name } batch { batchKey rail }
} } } }`;

export const BALANCES = `query Balances { balances {
  currency pending { amount currency } payable { amount currency } reserved { amount currency } paid { amount currency }
} }`;

export const LINKS = 'query Links { links(last: 20) { edges { node { id url destination status } } } }';

export const INTEGRATIONS = 'query Integrations { integrations(last: 20) { edges { node { id name provider status account problem refused checkedAt } } } }';
export const HEALTH = 'query Health($id: ID!) { syncHealth(integrationId: $id) { pending oldestSince dead failures breaker pausedUntil workedAt failedAt problem } }';
