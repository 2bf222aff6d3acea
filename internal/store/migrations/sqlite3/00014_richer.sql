-- +goose Up
-- Terms look at where an order comes from and at custom fields; tiers may count for a whole period; what is owed without a conversion is owed once; a hold may be counted from approval.
ALTER TABLE `affiliates` ADD COLUMN `fields` json NULL;
ALTER TABLE `commissions` ADD COLUMN `tier` text NOT NULL DEFAULT ('');
ALTER TABLE `commissions` ADD COLUMN `once_key` text NULL;
ALTER TABLE `commissions` ADD COLUMN `agreed_at` datetime NULL;
CREATE UNIQUE INDEX `commission_merchant_id_once_key` ON `commissions` (`merchant_id`, `once_key`) WHERE once_key IS NOT NULL;
ALTER TABLE `conversion_lines` ADD COLUMN `category` text NOT NULL DEFAULT ('');
ALTER TABLE `conversions` ADD COLUMN `country` text NOT NULL DEFAULT ('');
ALTER TABLE `conversions` ADD COLUMN `device` text NOT NULL DEFAULT ('UNKNOWN');
ALTER TABLE `conversions` ADD COLUMN `channel` text NOT NULL DEFAULT ('');
ALTER TABLE `conversions` ADD COLUMN `fields` json NULL;
ALTER TABLE `conversions` ADD COLUMN `customer_fields` json NULL;
