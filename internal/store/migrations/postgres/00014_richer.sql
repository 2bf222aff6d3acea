-- +goose Up
-- Terms look at where an order comes from and at custom fields; tiers may count for a whole period; what is owed without a conversion is owed once; a hold may be counted from approval.
ALTER TABLE "affiliates" ADD COLUMN "fields" jsonb NULL;
ALTER TABLE "commissions" ADD COLUMN "tier" character varying NOT NULL DEFAULT '', ADD COLUMN "once_key" character varying NULL COLLATE "C", ADD COLUMN "agreed_at" timestamptz NULL;
CREATE UNIQUE INDEX "commission_merchant_id_once_key" ON "commissions" ("merchant_id", "once_key") WHERE once_key IS NOT NULL;
ALTER TABLE "conversion_lines" ADD COLUMN "category" character varying NOT NULL DEFAULT '';
ALTER TABLE "conversions" ADD COLUMN "country" character varying NOT NULL DEFAULT '', ADD COLUMN "device" character varying NOT NULL DEFAULT 'UNKNOWN', ADD COLUMN "channel" character varying NOT NULL DEFAULT '', ADD COLUMN "fields" jsonb NULL, ADD COLUMN "customer_fields" jsonb NULL;
