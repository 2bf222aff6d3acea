-- +goose Up
-- Clicks are paid by the day.
CREATE TABLE "click_days" ("id" character varying NOT NULL COLLATE "C", "merchant_id" character varying NOT NULL COLLATE "C", "created_at" timestamptz NOT NULL, "from_at" timestamptz NOT NULL, "until_at" timestamptz NOT NULL, "stored_from" timestamptz NOT NULL, "stored_until" timestamptz NOT NULL, "due_at" timestamptz NULL, "paid" bigint NOT NULL DEFAULT 0, "times" bigint NOT NULL DEFAULT 0, "program_id" character varying NOT NULL COLLATE "C", "affiliate_id" character varying NOT NULL COLLATE "C", "plan_version_id" character varying NOT NULL COLLATE "C", PRIMARY KEY ("id"), CONSTRAINT "click_days_affiliates_affiliate" FOREIGN KEY ("merchant_id", "affiliate_id") REFERENCES "affiliates" ("merchant_id", "id") ON UPDATE NO ACTION ON DELETE NO ACTION, CONSTRAINT "click_days_plan_versions_plan_version" FOREIGN KEY ("merchant_id", "plan_version_id") REFERENCES "plan_versions" ("merchant_id", "id") ON UPDATE NO ACTION ON DELETE NO ACTION, CONSTRAINT "click_days_programs_program" FOREIGN KEY ("merchant_id", "program_id") REFERENCES "programs" ("merchant_id", "id") ON UPDATE NO ACTION ON DELETE NO ACTION, CONSTRAINT "fk_click_days_merchant_id" FOREIGN KEY ("merchant_id") REFERENCES "merchants" ("id") ON DELETE NO ACTION);
CREATE UNIQUE INDEX "clickday_merchant_id_id" ON "click_days" ("merchant_id", "id");
CREATE UNIQUE INDEX "clickday_merchant_id_program_id_affiliate_id_from_at" ON "click_days" ("merchant_id", "program_id", "affiliate_id", "from_at");
CREATE INDEX "clickday_merchant_id_affiliate_id" ON "click_days" ("merchant_id", "affiliate_id");
CREATE INDEX "clickday_merchant_id_plan_version_id" ON "click_days" ("merchant_id", "plan_version_id");
CREATE INDEX "clickday_due_at_id" ON "click_days" ("due_at", "id") WHERE due_at IS NOT NULL;
ALTER TABLE "click_days" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "click_days" FORCE ROW LEVEL SECURITY;
CREATE POLICY "wall" ON "click_days" USING ("merchant_id" = current_setting('app.merchant', true) OR current_setting('app.merchant', true) = '*');
