-- +goose Up
-- A sale pays the upline of its seller: whose sale it was, whether the money waits for its owner, and who was above the seller then.
ALTER TABLE "attributions" ADD COLUMN "upline" bytea NULL;
ALTER TABLE "commissions" ADD COLUMN "seller_id" character varying COLLATE "C" NOT NULL DEFAULT '', ADD COLUMN "waits" boolean NOT NULL DEFAULT false;
DROP INDEX "commission_merchant_id_convers_36c91aaba8c0fa333b091aeae50c094f";
CREATE UNIQUE INDEX "commission_merchant_id_convers_2f5e3ccd545d699589130098c9843fe4" ON "commissions" ("merchant_id", "conversion_id", "level", "affiliate_id", "plan_version_id", "seller_id") WHERE superseded_at IS NULL;
