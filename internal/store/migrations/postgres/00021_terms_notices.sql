-- +goose Up
-- Affiliates are told of new terms.
CREATE TABLE "terms_notices" ("id" character varying NOT NULL COLLATE "C", "merchant_id" character varying NOT NULL COLLATE "C", "created_at" timestamptz NOT NULL, "told" character varying NOT NULL DEFAULT '' COLLATE "C", "done_at" timestamptz NULL, "program_id" character varying NOT NULL COLLATE "C", "plan_version_id" character varying NOT NULL COLLATE "C", PRIMARY KEY ("id"), CONSTRAINT "fk_terms_notices_merchant_id" FOREIGN KEY ("merchant_id") REFERENCES "merchants" ("id") ON DELETE NO ACTION, CONSTRAINT "terms_notices_plan_versions_plan_version" FOREIGN KEY ("merchant_id", "plan_version_id") REFERENCES "plan_versions" ("merchant_id", "id") ON UPDATE NO ACTION ON DELETE NO ACTION, CONSTRAINT "terms_notices_programs_program" FOREIGN KEY ("merchant_id", "program_id") REFERENCES "programs" ("merchant_id", "id") ON UPDATE NO ACTION ON DELETE NO ACTION);
CREATE UNIQUE INDEX "termsnotice_merchant_id_id" ON "terms_notices" ("merchant_id", "id");
CREATE UNIQUE INDEX "termsnotice_merchant_id_plan_version_id" ON "terms_notices" ("merchant_id", "plan_version_id");
CREATE INDEX "termsnotice_merchant_id_program_id" ON "terms_notices" ("merchant_id", "program_id");
CREATE INDEX "termsnotice_id" ON "terms_notices" ("id") WHERE done_at IS NULL;
ALTER TABLE "terms_notices" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "terms_notices" FORCE ROW LEVEL SECURITY;
CREATE POLICY "wall" ON "terms_notices" USING ("merchant_id" = current_setting('app.merchant', true) OR current_setting('app.merchant', true) = '*');
