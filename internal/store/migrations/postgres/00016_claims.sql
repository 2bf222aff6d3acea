-- +goose Up
-- Commission is paid in the affiliate's currency, by a rate that stays with it; an adjustment says of which sort its reason is.
ALTER TABLE "affiliates" ADD COLUMN "payout_currency" character varying NULL;
ALTER TABLE "programs" ADD COLUMN "payout_currency" character varying NULL;
ALTER TABLE "commissions" ADD COLUMN "reason_code" character varying NULL, ADD COLUMN "undone_because" character varying NOT NULL DEFAULT '', ADD COLUMN "paid_currency" character varying NULL COLLATE "C", ADD COLUMN "paid_amount" bigint NOT NULL DEFAULT 0, ADD COLUMN "rate_missing" boolean NOT NULL DEFAULT false, ADD COLUMN "rate_source" character varying NOT NULL DEFAULT '' COLLATE "C", ADD COLUMN "rate_day" character varying NOT NULL DEFAULT '' COLLATE "C", ADD COLUMN "rate_from" character varying NOT NULL DEFAULT '' COLLATE "C", ADD COLUMN "rate_to" character varying NOT NULL DEFAULT '' COLLATE "C", ADD COLUMN "rate_from_id" character varying NOT NULL DEFAULT '' COLLATE "C", ADD COLUMN "rate_to_id" character varying NOT NULL DEFAULT '' COLLATE "C";
CREATE INDEX "commission_id" ON "commissions" ("id") WHERE rate_missing;
