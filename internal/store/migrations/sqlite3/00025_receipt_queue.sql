-- +goose Up
-- Receipts are the queue of what shops have sent.
ALTER TABLE `webhook_receipts` ADD COLUMN `subject` text NOT NULL DEFAULT ('');
ALTER TABLE `webhook_receipts` ADD COLUMN `tries` integer NOT NULL DEFAULT (0);
ALTER TABLE `webhook_receipts` ADD COLUMN `failures` integer NOT NULL DEFAULT (0);
ALTER TABLE `webhook_receipts` ADD COLUMN `next_at` datetime NULL;
ALTER TABLE `webhook_receipts` ADD COLUMN `done_at` datetime NULL;
CREATE INDEX `webhookreceipt_integration_id_next_at_id` ON `webhook_receipts` (`integration_id`, `next_at`, `id`) WHERE next_at IS NOT NULL;
CREATE INDEX `webhookreceipt_integration_id_subject_id` ON `webhook_receipts` (`integration_id`, `subject`, `id`) WHERE next_at IS NOT NULL;
