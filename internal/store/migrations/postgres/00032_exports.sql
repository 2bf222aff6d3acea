-- +goose Up
-- Lists and reports are written into files, part by part.
CREATE TABLE "exports" ("id" character varying NOT NULL COLLATE "C", "merchant_id" character varying NOT NULL COLLATE "C", "created_at" timestamptz NOT NULL, "principal" character varying NOT NULL COLLATE "C", "person" boolean NOT NULL, "scopes" character varying NOT NULL DEFAULT '', "name" character varying NOT NULL, "format" character varying NOT NULL, "document" bytea NULL, "status" character varying NOT NULL DEFAULT 'QUEUED', "reason" character varying NOT NULL DEFAULT '', "cursor" character varying NOT NULL DEFAULT '', "rows" bigint NOT NULL DEFAULT 0, "bytes" bigint NOT NULL DEFAULT 0, "parts" bigint NOT NULL DEFAULT 0, "finished_at" timestamptz NULL, "expires_at" timestamptz NOT NULL, "beat_at" timestamptz NOT NULL, "holder" bigint NOT NULL DEFAULT 0, PRIMARY KEY ("id"), CONSTRAINT "fk_exports_merchant_id" FOREIGN KEY ("merchant_id") REFERENCES "merchants" ("id") ON DELETE NO ACTION);
CREATE UNIQUE INDEX "export_merchant_id_id" ON "exports" ("merchant_id", "id");
CREATE INDEX "export_merchant_id_principal_id" ON "exports" ("merchant_id", "principal", "id");
CREATE INDEX "export_status_beat_at" ON "exports" ("status", "beat_at");
CREATE INDEX "export_expires_at" ON "exports" ("expires_at");
CREATE TABLE "export_parts" ("id" character varying NOT NULL COLLATE "C", "merchant_id" character varying NOT NULL COLLATE "C", "created_at" timestamptz NOT NULL, "first" bigint NOT NULL, "content" bytea NOT NULL, "export_id" character varying NOT NULL COLLATE "C", PRIMARY KEY ("id"), CONSTRAINT "export_parts_exports_export" FOREIGN KEY ("merchant_id", "export_id") REFERENCES "exports" ("merchant_id", "id") ON UPDATE NO ACTION ON DELETE NO ACTION, CONSTRAINT "fk_export_parts_merchant_id" FOREIGN KEY ("merchant_id") REFERENCES "merchants" ("id") ON DELETE NO ACTION);
CREATE UNIQUE INDEX "exportpart_merchant_id_id" ON "export_parts" ("merchant_id", "id");
CREATE UNIQUE INDEX "exportpart_merchant_id_export_id_first" ON "export_parts" ("merchant_id", "export_id", "first");
ALTER TABLE "exports" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "exports" FORCE ROW LEVEL SECURITY;
CREATE POLICY "wall" ON "exports" USING ("merchant_id" = current_setting('app.merchant', true) OR current_setting('app.merchant', true) = '*');
ALTER TABLE "export_parts" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "export_parts" FORCE ROW LEVEL SECURITY;
CREATE POLICY "wall" ON "export_parts" USING ("merchant_id" = current_setting('app.merchant', true) OR current_setting('app.merchant', true) = '*');
