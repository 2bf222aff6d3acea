-- +goose Up
-- A shop may speak of one order under several ids.
CREATE TABLE "order_aliases" ("id" character varying NOT NULL COLLATE "C", "merchant_id" character varying NOT NULL COLLATE "C", "created_at" timestamptz NOT NULL, "order_scope" character varying NOT NULL DEFAULT '' COLLATE "C", "alias" character varying NOT NULL COLLATE "C", "order_external_id" character varying NOT NULL COLLATE "C", "program_id" character varying NOT NULL COLLATE "C", PRIMARY KEY ("id"), CONSTRAINT "order_aliases_programs_program" FOREIGN KEY ("merchant_id", "program_id") REFERENCES "programs" ("merchant_id", "id") ON UPDATE NO ACTION ON DELETE NO ACTION, CONSTRAINT "fk_order_aliases_merchant_id" FOREIGN KEY ("merchant_id") REFERENCES "merchants" ("id") ON DELETE NO ACTION);
CREATE UNIQUE INDEX "orderalias_merchant_id_id" ON "order_aliases" ("merchant_id", "id");
CREATE UNIQUE INDEX "orderalias_merchant_id_program_id_order_scope_alias" ON "order_aliases" ("merchant_id", "program_id", "order_scope", "alias");
CREATE INDEX "orderalias_merchant_id_program_id_order_scope_order_external_id" ON "order_aliases" ("merchant_id", "program_id", "order_scope", "order_external_id");
ALTER TABLE "order_aliases" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "order_aliases" FORCE ROW LEVEL SECURITY;
CREATE POLICY "wall" ON "order_aliases" USING ("merchant_id" = current_setting('app.merchant', true) OR current_setting('app.merchant', true) = '*');
