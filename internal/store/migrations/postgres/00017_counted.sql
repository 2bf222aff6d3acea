-- +goose Up
-- What tiers count and what budgets have paid is found by an index of its own.
DROP INDEX "commission_merchant_id_program_id";
CREATE INDEX "commission_merchant_id_program_id_affiliate_id_earned_at" ON "commissions" ("merchant_id", "program_id", "affiliate_id", "earned_at");
CREATE INDEX "commission_merchant_id_program_id_earned_at" ON "commissions" ("merchant_id", "program_id", "earned_at");
