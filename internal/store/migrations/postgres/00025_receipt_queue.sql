-- +goose Up
-- Receipts are the queue of what shops have sent.
ALTER TABLE "webhook_receipts" ADD COLUMN "subject" character varying NOT NULL DEFAULT '' COLLATE "C", ADD COLUMN "tries" bigint NOT NULL DEFAULT 0, ADD COLUMN "failures" bigint NOT NULL DEFAULT 0, ADD COLUMN "next_at" timestamptz NULL, ADD COLUMN "done_at" timestamptz NULL;
CREATE INDEX "webhookreceipt_integration_id_next_at_id" ON "webhook_receipts" ("integration_id", "next_at", "id") WHERE next_at IS NOT NULL;
CREATE INDEX "webhookreceipt_integration_id_subject_id" ON "webhook_receipts" ("integration_id", "subject", "id") WHERE next_at IS NOT NULL;
