-- +goose Up
-- A merchant says how its pages look.
CREATE TABLE `brands` (`id` text NOT NULL, `merchant_id` text NOT NULL, `created_at` datetime NOT NULL, `updated_at` datetime NOT NULL, `version` integer NOT NULL DEFAULT (1), `accent` text NOT NULL DEFAULT (''), `logo` blob NULL, `logo_type` text NOT NULL DEFAULT (''), PRIMARY KEY (`id`), CONSTRAINT `fk_brands_merchant_id` FOREIGN KEY (`merchant_id`) REFERENCES `merchants` (`id`) ON DELETE NO ACTION);
CREATE UNIQUE INDEX `brand_merchant_id_id` ON `brands` (`merchant_id`, `id`);
CREATE UNIQUE INDEX `brand_merchant_id` ON `brands` (`merchant_id`);
