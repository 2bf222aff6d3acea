-- +goose Up
-- A shop may speak of one order under several ids.
CREATE TABLE `order_aliases` (`id` text NOT NULL, `merchant_id` text NOT NULL, `created_at` datetime NOT NULL, `order_scope` text NOT NULL DEFAULT (''), `alias` text NOT NULL, `order_external_id` text NOT NULL, `program_id` text NOT NULL, PRIMARY KEY (`id`), CONSTRAINT `order_aliases_programs_program` FOREIGN KEY (`merchant_id`, `program_id`) REFERENCES `programs` (`merchant_id`, `id`) ON UPDATE NO ACTION ON DELETE NO ACTION, CONSTRAINT `fk_order_aliases_merchant_id` FOREIGN KEY (`merchant_id`) REFERENCES `merchants` (`id`) ON DELETE NO ACTION);
CREATE UNIQUE INDEX `orderalias_merchant_id_id` ON `order_aliases` (`merchant_id`, `id`);
CREATE UNIQUE INDEX `orderalias_merchant_id_program_id_order_scope_alias` ON `order_aliases` (`merchant_id`, `program_id`, `order_scope`, `alias`);
CREATE INDEX `orderalias_merchant_id_program_id_order_scope_order_external_id` ON `order_aliases` (`merchant_id`, `program_id`, `order_scope`, `order_external_id`);
