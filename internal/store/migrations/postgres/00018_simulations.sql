-- +goose Up
-- What was counted for those who earned nothing is kept; simulations tell of uplines, of tiers for a whole period and of bonuses.
ALTER TABLE "attributions" ADD COLUMN "unpaid" bytea NULL;
ALTER TABLE "simulation_differences" ADD COLUMN "commission_kind" character varying NOT NULL DEFAULT 'CONVERSION', ADD COLUMN "seller_id" character varying NOT NULL COLLATE "C" DEFAULT '', ADD COLUMN "waits" boolean NOT NULL DEFAULT false, ADD COLUMN "tier" character varying NOT NULL DEFAULT '', ADD COLUMN "once_key" character varying NULL COLLATE "C";
