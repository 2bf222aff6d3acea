-- +goose Up
-- A shop is connected with credentials: by keys or by an authorization, and can be called.
ALTER TABLE `integrations` ADD COLUMN `account` text NOT NULL DEFAULT ('');
ALTER TABLE `integrations` ADD COLUMN `access` text NOT NULL DEFAULT ('NONE');
ALTER TABLE `integrations` ADD COLUMN `credentials_sealed` blob NULL;
ALTER TABLE `integrations` ADD COLUMN `credentials_number` integer NOT NULL DEFAULT (0);
ALTER TABLE `integrations` ADD COLUMN `credentials_until` datetime NULL;
ALTER TABLE `integrations` ADD COLUMN `renewing_until` datetime NULL;
ALTER TABLE `integrations` ADD COLUMN `scopes` json NULL;
ALTER TABLE `integrations` ADD COLUMN `connected_at` datetime NULL;
ALTER TABLE `integrations` ADD COLUMN `checked_at` datetime NULL;
ALTER TABLE `integrations` ADD COLUMN `problem` text NOT NULL DEFAULT ('');
ALTER TABLE `integrations` ADD COLUMN `grant_state` text NULL;
ALTER TABLE `integrations` ADD COLUMN `grant_sealed` blob NULL;
ALTER TABLE `integrations` ADD COLUMN `grant_until` datetime NULL;
CREATE UNIQUE INDEX `integration_merchant_id_grant_state` ON `integrations` (`merchant_id`, `grant_state`);
