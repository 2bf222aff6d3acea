-- +goose Up
-- A payout that arrived may be sent back by the bank; an affiliate may be merged into another.
ALTER TABLE `payouts` ADD COLUMN `returned_on` text NULL;
CREATE TABLE `affiliate_merges` (`id` text NOT NULL, `merchant_id` text NOT NULL, `created_at` datetime NOT NULL, `reason` text NOT NULL, `from_id` text NOT NULL, `into_id` text NOT NULL, `survivor_id` text NOT NULL, PRIMARY KEY (`id`), CONSTRAINT `affiliate_merges_affiliates_into` FOREIGN KEY (`merchant_id`, `into_id`) REFERENCES `affiliates` (`merchant_id`, `id`) ON UPDATE NO ACTION ON DELETE NO ACTION, CONSTRAINT `affiliate_merges_affiliates_merges` FOREIGN KEY (`merchant_id`, `from_id`) REFERENCES `affiliates` (`merchant_id`, `id`) ON UPDATE NO ACTION ON DELETE NO ACTION, CONSTRAINT `affiliate_merges_affiliates_survivor` FOREIGN KEY (`merchant_id`, `survivor_id`) REFERENCES `affiliates` (`merchant_id`, `id`) ON UPDATE NO ACTION ON DELETE NO ACTION, CONSTRAINT `fk_affiliate_merges_merchant_id` FOREIGN KEY (`merchant_id`) REFERENCES `merchants` (`id`) ON DELETE NO ACTION);
CREATE UNIQUE INDEX `affiliatemerge_merchant_id_id` ON `affiliate_merges` (`merchant_id`, `id`);
CREATE UNIQUE INDEX `affiliatemerge_merchant_id_from_id` ON `affiliate_merges` (`merchant_id`, `from_id`);
CREATE INDEX `affiliatemerge_merchant_id_into_id` ON `affiliate_merges` (`merchant_id`, `into_id`);
CREATE INDEX `affiliatemerge_merchant_id_survivor_id` ON `affiliate_merges` (`merchant_id`, `survivor_id`);
