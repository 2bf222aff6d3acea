-- +goose Up
-- The numbers of each quarter of an hour by everything a report can ask by, and of hours, days and months by what most do.
CREATE TABLE "rollups" ("id" character varying NOT NULL COLLATE "C", "merchant_id" character varying NOT NULL COLLATE "C", "created_at" timestamptz NOT NULL, "digest" character varying NOT NULL COLLATE "C", "basis" character varying NOT NULL, "period" character varying NOT NULL COLLATE "C", "program_id" character varying NOT NULL COLLATE "C", "affiliate_id" character varying NOT NULL COLLATE "C", "link_id" character varying NOT NULL COLLATE "C", "coupon" character varying NOT NULL DEFAULT '' COLLATE "C", "country" character varying NOT NULL DEFAULT '', "device" character varying NOT NULL DEFAULT '', "channel" character varying NOT NULL DEFAULT '' COLLATE "C", "sub_ids" character varying NOT NULL DEFAULT '' COLLATE "C", "currency" character varying NOT NULL, "clicks" bigint NOT NULL DEFAULT 0, "clicks_unpayable" bigint NOT NULL DEFAULT 0, "clicks_unique" bigint NOT NULL DEFAULT 0, "conversions" bigint NOT NULL DEFAULT 0, "leads" bigint NOT NULL DEFAULT 0, "sales_minor" bigint NOT NULL DEFAULT 0, "refunded_minor" bigint NOT NULL DEFAULT 0, "pending_minor" bigint NOT NULL DEFAULT 0, "approved_minor" bigint NOT NULL DEFAULT 0, "rejected_minor" bigint NOT NULL DEFAULT 0, "reversed_minor" bigint NOT NULL DEFAULT 0, "paid_minor" bigint NOT NULL DEFAULT 0, PRIMARY KEY ("id"), CONSTRAINT "fk_rollups_merchant_id" FOREIGN KEY ("merchant_id") REFERENCES "merchants" ("id") ON DELETE NO ACTION);
CREATE UNIQUE INDEX "rollup_merchant_id_id" ON "rollups" ("merchant_id", "id");
CREATE UNIQUE INDEX "rollup_merchant_id_digest" ON "rollups" ("merchant_id", "digest");
CREATE INDEX "rollup_merchant_id_basis_period" ON "rollups" ("merchant_id", "basis", "period");
CREATE INDEX "rollup_merchant_id_affiliate_id_basis_period" ON "rollups" ("merchant_id", "affiliate_id", "basis", "period");
ALTER TABLE "rollups" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "rollups" FORCE ROW LEVEL SECURITY;
CREATE POLICY "wall" ON "rollups" USING ("merchant_id" = current_setting('app.merchant', true) OR current_setting('app.merchant', true) = '*');
CREATE TABLE "rollup_sources" ("id" character varying NOT NULL COLLATE "C", "merchant_id" character varying NOT NULL COLLATE "C", "created_at" timestamptz NOT NULL, "name" character varying NOT NULL COLLATE "C", "counted" character varying NOT NULL COLLATE "C", PRIMARY KEY ("id"), CONSTRAINT "fk_rollup_sources_merchant_id" FOREIGN KEY ("merchant_id") REFERENCES "merchants" ("id") ON DELETE NO ACTION);
CREATE UNIQUE INDEX "rollupsource_merchant_id_id" ON "rollup_sources" ("merchant_id", "id");
CREATE UNIQUE INDEX "rollupsource_merchant_id_name" ON "rollup_sources" ("merchant_id", "name");
ALTER TABLE "rollup_sources" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "rollup_sources" FORCE ROW LEVEL SECURITY;
CREATE POLICY "wall" ON "rollup_sources" USING ("merchant_id" = current_setting('app.merchant', true) OR current_setting('app.merchant', true) = '*');
