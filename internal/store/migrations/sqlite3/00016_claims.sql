-- +goose Up
-- Commission is paid in the affiliate's currency, by a rate that stays with it; an adjustment says of which sort its reason is.
ALTER TABLE `affiliates` ADD COLUMN `payout_currency` text NULL;
ALTER TABLE `programs` ADD COLUMN `payout_currency` text NULL;
ALTER TABLE `commissions` ADD COLUMN `reason_code` text NULL;
ALTER TABLE `commissions` ADD COLUMN `undone_because` text NOT NULL DEFAULT ('');
ALTER TABLE `commissions` ADD COLUMN `paid_currency` text NULL;
ALTER TABLE `commissions` ADD COLUMN `paid_amount` integer NOT NULL DEFAULT (0);
ALTER TABLE `commissions` ADD COLUMN `rate_missing` bool NOT NULL DEFAULT (false);
ALTER TABLE `commissions` ADD COLUMN `rate_source` text NOT NULL DEFAULT ('');
ALTER TABLE `commissions` ADD COLUMN `rate_day` text NOT NULL DEFAULT ('');
ALTER TABLE `commissions` ADD COLUMN `rate_from` text NOT NULL DEFAULT ('');
ALTER TABLE `commissions` ADD COLUMN `rate_to` text NOT NULL DEFAULT ('');
ALTER TABLE `commissions` ADD COLUMN `rate_from_id` text NOT NULL DEFAULT ('');
ALTER TABLE `commissions` ADD COLUMN `rate_to_id` text NOT NULL DEFAULT ('');
CREATE INDEX `commission_id` ON `commissions` (`id`) WHERE rate_missing;
