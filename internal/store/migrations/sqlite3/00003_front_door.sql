-- +goose Up
-- The front door: verified addresses and second factors, one-time codes, rotation and bounds of tokens, registered operations, shared allowances, a sandbox clock.
ALTER TABLE `api_tokens` ADD COLUMN `former_hash` blob NULL;
ALTER TABLE `api_tokens` ADD COLUMN `former_expires_at` datetime NULL;
ALTER TABLE `api_tokens` ADD COLUMN `addresses` json NULL;
ALTER TABLE `api_tokens` ADD COLUMN `registered_only` bool NOT NULL DEFAULT false;
CREATE UNIQUE INDEX `api_tokens_former_hash_key` ON `api_tokens` (`former_hash`);
ALTER TABLE `users` ADD COLUMN `email_verified_at` datetime NULL;
ALTER TABLE `users` ADD COLUMN `second_factor` blob NULL;
ALTER TABLE `users` ADD COLUMN `second_factor_at` datetime NULL;
ALTER TABLE `users` ADD COLUMN `second_factor_step` integer NOT NULL DEFAULT 0;
ALTER TABLE `merchants` ADD COLUMN `clock_ahead_ms` integer NOT NULL DEFAULT 0;
CREATE TABLE `one_time_codes` (`id` text NOT NULL, `created_at` datetime NOT NULL, `user_id` text NOT NULL, `purpose` text NOT NULL, `hash` blob NOT NULL, `expires_at` datetime NULL, `used_at` datetime NULL, PRIMARY KEY (`id`), CONSTRAINT `fk_one_time_codes_user_id` FOREIGN KEY (`user_id`) REFERENCES `users` (`id`) ON UPDATE NO ACTION ON DELETE NO ACTION);
CREATE UNIQUE INDEX `one_time_codes_hash_key` ON `one_time_codes` (`hash`);
CREATE INDEX `onetimecode_user_id_purpose` ON `one_time_codes` (`user_id`, `purpose`);
CREATE TABLE `persisted_operations` (`id` text NOT NULL, `merchant_id` text NOT NULL, `created_at` datetime NOT NULL, `hash` text NOT NULL, `name` text NOT NULL, `document` text NOT NULL, `retired_at` datetime NULL, PRIMARY KEY (`id`), CONSTRAINT `fk_persisted_operations_merchant_id` FOREIGN KEY (`merchant_id`) REFERENCES `merchants` (`id`) ON DELETE NO ACTION);
CREATE UNIQUE INDEX `persistedoperation_merchant_id_id` ON `persisted_operations` (`merchant_id`, `id`);
CREATE INDEX `persistedoperation_merchant_id_created_at_id` ON `persisted_operations` (`merchant_id`, `created_at`, `id`);
CREATE UNIQUE INDEX `persistedoperation_merchant_id_hash` ON `persisted_operations` (`merchant_id`, `hash`);
CREATE TABLE `rate_buckets` (`id` text NOT NULL, `arrival_us` integer NOT NULL, PRIMARY KEY (`id`));
