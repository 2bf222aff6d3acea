-- +goose Up
-- A payout that arrived may be sent back by the bank; an affiliate may be merged into another.
ALTER TABLE "payouts" ADD COLUMN "returned_on" character varying NULL COLLATE "C";
CREATE TABLE "affiliate_merges" ("id" character varying NOT NULL COLLATE "C", "merchant_id" character varying NOT NULL COLLATE "C", "created_at" timestamptz NOT NULL, "reason" character varying NOT NULL, "from_id" character varying NOT NULL COLLATE "C", "into_id" character varying NOT NULL COLLATE "C", "survivor_id" character varying NOT NULL COLLATE "C", PRIMARY KEY ("id"), CONSTRAINT "affiliate_merges_affiliates_into" FOREIGN KEY ("merchant_id", "into_id") REFERENCES "affiliates" ("merchant_id", "id") ON UPDATE NO ACTION ON DELETE NO ACTION, CONSTRAINT "affiliate_merges_affiliates_merges" FOREIGN KEY ("merchant_id", "from_id") REFERENCES "affiliates" ("merchant_id", "id") ON UPDATE NO ACTION ON DELETE NO ACTION, CONSTRAINT "affiliate_merges_affiliates_survivor" FOREIGN KEY ("merchant_id", "survivor_id") REFERENCES "affiliates" ("merchant_id", "id") ON UPDATE NO ACTION ON DELETE NO ACTION, CONSTRAINT "fk_affiliate_merges_merchant_id" FOREIGN KEY ("merchant_id") REFERENCES "merchants" ("id") ON DELETE NO ACTION);
CREATE UNIQUE INDEX "affiliatemerge_merchant_id_id" ON "affiliate_merges" ("merchant_id", "id");
CREATE UNIQUE INDEX "affiliatemerge_merchant_id_from_id" ON "affiliate_merges" ("merchant_id", "from_id");
CREATE INDEX "affiliatemerge_merchant_id_into_id" ON "affiliate_merges" ("merchant_id", "into_id");
CREATE INDEX "affiliatemerge_merchant_id_survivor_id" ON "affiliate_merges" ("merchant_id", "survivor_id");
ALTER TABLE "affiliate_merges" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "affiliate_merges" FORCE ROW LEVEL SECURITY;
CREATE POLICY "wall" ON "affiliate_merges" USING ("merchant_id" = current_setting('app.merchant', true) OR current_setting('app.merchant', true) = '*');
