-- +goose Up
-- Who told of a conversion, and by which of its keys an order of another source is known.
ALTER TABLE `conversions` ADD COLUMN `id_key` text NULL;
ALTER TABLE `conversions` ADD COLUMN `number_key` text NULL;
ALTER TABLE `conversions` ADD COLUMN `spoken` text NOT NULL DEFAULT ('');
ALTER TABLE `conversions` ADD COLUMN `told_kind` text NOT NULL DEFAULT ('');
ALTER TABLE `conversions` ADD COLUMN `told_by` text NOT NULL DEFAULT ('');
ALTER TABLE `conversions` ADD COLUMN `told_given` integer NOT NULL DEFAULT (0);
CREATE UNIQUE INDEX `conversion_merchant_id_program_id_order_scope_id_key` ON `conversions` (`merchant_id`, `program_id`, `order_scope`, `id_key`);
CREATE UNIQUE INDEX `conversion_merchant_id_program_id_order_scope_number_key` ON `conversions` (`merchant_id`, `program_id`, `order_scope`, `number_key`);
CREATE TABLE `provenances` (`id` text NOT NULL, `merchant_id` text NOT NULL, `created_at` datetime NOT NULL, `kind` text NOT NULL, `teller` text NOT NULL DEFAULT (''), `source` text NOT NULL, `key` text NOT NULL, `matched_by` text NOT NULL, `last_told` datetime NOT NULL, `times` integer NOT NULL DEFAULT (1), `given` integer NOT NULL DEFAULT (0), `conversion_id` text NOT NULL, PRIMARY KEY (`id`), CONSTRAINT `provenances_conversions_conversion` FOREIGN KEY (`merchant_id`, `conversion_id`) REFERENCES `conversions` (`merchant_id`, `id`) ON UPDATE NO ACTION ON DELETE NO ACTION, CONSTRAINT `fk_provenances_merchant_id` FOREIGN KEY (`merchant_id`) REFERENCES `merchants` (`id`) ON DELETE NO ACTION);
CREATE UNIQUE INDEX `provenance_merchant_id_id` ON `provenances` (`merchant_id`, `id`);
CREATE UNIQUE INDEX `provenance_merchant_id_conversion_id_kind_teller_source_key` ON `provenances` (`merchant_id`, `conversion_id`, `kind`, `teller`, `source`, `key`);
CREATE INDEX `provenance_merchant_id_key` ON `provenances` (`merchant_id`, `key`);
