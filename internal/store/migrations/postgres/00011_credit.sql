-- +goose Up
-- Decisions on credit may be replaced, chargebacks have a fee, refunds a reason, and terms say who bears what is given back after a payout.
ALTER TABLE "attributions" ADD COLUMN "reason" character varying NOT NULL DEFAULT '';
ALTER TABLE "commissions" ADD COLUMN "absorbed_minor" bigint NOT NULL DEFAULT 0, ADD COLUMN "superseded_at" timestamptz NULL;
ALTER TABLE "plan_versions" ADD COLUMN "recovery" character varying NOT NULL DEFAULT 'RECOVER', ADD COLUMN "recovery_days" bigint NOT NULL DEFAULT 0;
ALTER TABLE "refunds" ADD COLUMN "reason_code" character varying NOT NULL DEFAULT 'OTHER', ADD COLUMN "fee_minor" bigint NOT NULL DEFAULT 0;
DROP INDEX "commission_merchant_id_convers_36c91aaba8c0fa333b091aeae50c094f";
CREATE UNIQUE INDEX "commission_merchant_id_convers_36c91aaba8c0fa333b091aeae50c094f" ON "commissions" ("merchant_id", "conversion_id", "level", "affiliate_id", "plan_version_id") WHERE superseded_at IS NULL;
