-- +goose Up
-- A merchant says how its pages look.
CREATE TABLE "brands" ("id" character varying NOT NULL COLLATE "C", "merchant_id" character varying NOT NULL COLLATE "C", "created_at" timestamptz NOT NULL, "updated_at" timestamptz NOT NULL, "version" bigint NOT NULL DEFAULT 1, "accent" character varying NOT NULL DEFAULT '', "logo" bytea NULL, "logo_type" character varying NOT NULL DEFAULT '', PRIMARY KEY ("id"), CONSTRAINT "fk_brands_merchant_id" FOREIGN KEY ("merchant_id") REFERENCES "merchants" ("id") ON DELETE NO ACTION);
CREATE UNIQUE INDEX "brand_merchant_id_id" ON "brands" ("merchant_id", "id");
CREATE UNIQUE INDEX "brand_merchant_id" ON "brands" ("merchant_id");
ALTER TABLE "brands" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "brands" FORCE ROW LEVEL SECURITY;
CREATE POLICY "wall" ON "brands" USING ("merchant_id" = current_setting('app.merchant', true) OR current_setting('app.merchant', true) = '*');
