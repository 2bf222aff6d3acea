-- +goose Up
-- What was counted for those who earned nothing is kept; simulations tell of uplines, of tiers for a whole period and of bonuses.
ALTER TABLE `attributions` ADD COLUMN `unpaid` blob NULL;
ALTER TABLE `simulation_differences` ADD COLUMN `commission_kind` text NOT NULL DEFAULT ('CONVERSION');
ALTER TABLE `simulation_differences` ADD COLUMN `seller_id` text NOT NULL DEFAULT ('');
ALTER TABLE `simulation_differences` ADD COLUMN `waits` bool NOT NULL DEFAULT (false);
ALTER TABLE `simulation_differences` ADD COLUMN `tier` text NOT NULL DEFAULT ('');
ALTER TABLE `simulation_differences` ADD COLUMN `once_key` text NULL;
