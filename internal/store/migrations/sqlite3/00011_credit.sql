-- +goose Up
-- Decisions on credit may be replaced, chargebacks have a fee, refunds a reason, and terms say who bears what is given back after a payout.
ALTER TABLE `attributions` ADD COLUMN `reason` text NOT NULL DEFAULT ('');
ALTER TABLE `commissions` ADD COLUMN `absorbed_minor` integer NOT NULL DEFAULT (0);
ALTER TABLE `commissions` ADD COLUMN `superseded_at` datetime NULL;
ALTER TABLE `plan_versions` ADD COLUMN `recovery` text NOT NULL DEFAULT ('RECOVER');
ALTER TABLE `plan_versions` ADD COLUMN `recovery_days` integer NOT NULL DEFAULT (0);
ALTER TABLE `refunds` ADD COLUMN `reason_code` text NOT NULL DEFAULT ('OTHER');
ALTER TABLE `refunds` ADD COLUMN `fee_minor` integer NOT NULL DEFAULT (0);
DROP INDEX `commission_merchant_id_conversi_36c91aaba8c0fa333b091aeae50c094f`;
CREATE UNIQUE INDEX `commission_merchant_id_conversi_36c91aaba8c0fa333b091aeae50c094f` ON `commissions` (`merchant_id`, `conversion_id`, `level`, `affiliate_id`, `plan_version_id`) WHERE superseded_at IS NULL;
