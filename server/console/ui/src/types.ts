// What the console reads of the API's answers.
export type Money = { amount: string; currency: string };
export type Page<T> = { edges: { node: T }[]; pageInfo?: { hasPreviousPage: boolean } };

export type Row = {
  day: string; currency: string; clicks: number; conversions: number;
  sales: string; refunded: string; accrued: string; approved: string; paid: string;
};
export type Numbers = {
  clicks: number | null; clicksUnpayable?: number | null; clicksUnique?: number | null; conversions: number;
  amounts: { currency: string; sales: string; commission: string; approved: string }[];
};
export type ReportRow = {
  programId: string | null; affiliateId: string | null; country: string | null; device: string | null; channel: string | null; coupon: string | null;
  numbers: Numbers;
};
export type File = { id: string; name: string; format: string; status: string; reason: string; rows: number; createdAt: string; url: string | null };
export type Snapshot = { cursor: string; at: string; today: Row[]; total: Row[] };
export type Happening = { cursor: string; type: string; at: string; subjectId: string };

export type Brand = { accent: string | null; logo: string | null; version: number };

export type Viewer = {
  role: string | null;
  scopes: string[];
  merchant: { id: string; name: string; mode: string; currency: string; timeZone: string } | null;
  brand: Brand | null;
  affiliate: { id: string; name: string } | null;
  memberships: { merchantId: string; merchantName: string; mode: string; role: string }[];
  account: { email: string } | null;
};

export type Named = { id: string; name: string };

export type Conversion = {
  id: string; orderNumber: string; externalID: string; occurredAt: string;
  kind: string; status: string; rating: string; country: string; device: string; base: Money;
  attribution: { rule: string; affiliate: Named | null } | null;
  commissions: { id: string; level: number; net: Money }[];
};

export type Touch = { touchId: string; kind: string; affiliateId: string | null; at: string; won: boolean; share: string | null; excluded: string | null };

export type ExplainedCommission = {
  id: string; level: number; status: string; reason: string; dueAt: string | null; amount: Money; net: Money; affiliate: Named;
  explanation: { steps: { name: string; text: string; after: Money }[]; levels: { text: string; outcome: string }[] } | null;
};

export type Explained = Omit<Conversion, 'attribution' | 'commissions'> & {
  ratingReason: string; source: string; refunded: Money;
  attribution: { rule: string; reason: string | null; decidedAt: string; affiliate: Named | null; policy: { model: string; windowDays: number } | null; touches: Touch[] } | null;
  commissions: ExplainedCommission[];
};

export type Payout = {
  id: string; createdAt: string; status: string; reference: string; reason: string; settledAt: string | null;
  amount: Money; affiliate: Named; batch: { batchKey: string; rail: string };
};
export type Balance = { currency: string; pending: Money; payable: Money; reserved: Money; paid: Money };
export type Link = { id: string; url: string; destination: string; status: string };
export type Integration = { id: string; name: string; provider: string; status: string; account: string; problem: string; refused: number; checkedAt: string | null };
export type Health = {
  pending: number; oldestSince: string | null; dead: number; failures: number; breaker: string;
  pausedUntil: string | null; workedAt: string | null; failedAt: string | null; problem: string | null;
};
