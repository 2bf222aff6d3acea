-- +goose Up
-- What a CRM tells of a buyer is kept with when and by which side it was said, and a record is found by what it is called there.
ALTER TABLE `customers` ADD COLUMN `segment` text NULL;
ALTER TABLE `customers` ADD COLUMN `segment_at` datetime NULL;
ALTER TABLE `customers` ADD COLUMN `segment_by` text NULL;
ALTER TABLE `customers` ADD COLUMN `segment_told_at` datetime NULL;
ALTER TABLE `customers` ADD COLUMN `lifecycle_stage` text NULL;
ALTER TABLE `customers` ADD COLUMN `lifecycle_stage_at` datetime NULL;
ALTER TABLE `customers` ADD COLUMN `lifecycle_stage_by` text NULL;
ALTER TABLE `customers` ADD COLUMN `lifecycle_stage_told_at` datetime NULL;
CREATE INDEX `syncitem_merchant_id_integration_id_kind_remote_id` ON `sync_items` (`merchant_id`, `integration_id`, `kind`, `remote_id`);
