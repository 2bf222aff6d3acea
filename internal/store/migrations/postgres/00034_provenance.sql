-- +goose Up
-- Who told of a conversion, and by which of its keys an order of another source is known.
ALTER TABLE "conversions" ADD COLUMN "id_key" character varying NULL COLLATE "C", ADD COLUMN "number_key" character varying NULL COLLATE "C", ADD COLUMN "spoken" character varying NOT NULL DEFAULT '', ADD COLUMN "told_kind" character varying NOT NULL DEFAULT '', ADD COLUMN "told_by" character varying NOT NULL DEFAULT '' COLLATE "C", ADD COLUMN "told_given" bigint NOT NULL DEFAULT 0;
CREATE UNIQUE INDEX "conversion_merchant_id_program_id_order_scope_id_key" ON "conversions" ("merchant_id", "program_id", "order_scope", "id_key");
CREATE UNIQUE INDEX "conversion_merchant_id_program_id_order_scope_number_key" ON "conversions" ("merchant_id", "program_id", "order_scope", "number_key");
CREATE TABLE "provenances" ("id" character varying NOT NULL COLLATE "C", "merchant_id" character varying NOT NULL COLLATE "C", "created_at" timestamptz NOT NULL, "kind" character varying NOT NULL, "teller" character varying NOT NULL DEFAULT '' COLLATE "C", "source" character varying NOT NULL COLLATE "C", "key" character varying NOT NULL COLLATE "C", "matched_by" character varying NOT NULL, "last_told" timestamptz NOT NULL, "times" bigint NOT NULL DEFAULT 1, "given" bigint NOT NULL DEFAULT 0, "conversion_id" character varying NOT NULL COLLATE "C", PRIMARY KEY ("id"), CONSTRAINT "provenances_conversions_conversion" FOREIGN KEY ("merchant_id", "conversion_id") REFERENCES "conversions" ("merchant_id", "id") ON UPDATE NO ACTION ON DELETE NO ACTION, CONSTRAINT "fk_provenances_merchant_id" FOREIGN KEY ("merchant_id") REFERENCES "merchants" ("id") ON DELETE NO ACTION);
CREATE UNIQUE INDEX "provenance_merchant_id_id" ON "provenances" ("merchant_id", "id");
CREATE UNIQUE INDEX "provenance_merchant_id_conversion_id_kind_teller_source_key" ON "provenances" ("merchant_id", "conversion_id", "kind", "teller", "source", "key");
CREATE INDEX "provenance_merchant_id_key" ON "provenances" ("merchant_id", "key");
ALTER TABLE "provenances" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "provenances" FORCE ROW LEVEL SECURITY;
CREATE POLICY "wall" ON "provenances" USING ("merchant_id" = current_setting('app.merchant', true) OR current_setting('app.merchant', true) = '*');
