-- +goose Up
-- A dead letter can be dismissed with a reason, and dead letters are listed in the order of their ids.
ALTER TABLE `sync_items` ADD COLUMN `dismissed` text NOT NULL DEFAULT '';
DROP INDEX `syncitem_merchant_id_integration_id_status`;
CREATE INDEX `syncitem_merchant_id_integration_id_status_id` ON `sync_items` (`merchant_id`, `integration_id`, `status`, `id`);
