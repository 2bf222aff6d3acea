-- +goose Up
-- Affiliates are told of new terms.
CREATE TABLE `terms_notices` (`id` text NOT NULL, `merchant_id` text NOT NULL, `created_at` datetime NOT NULL, `told` text NOT NULL DEFAULT (''), `done_at` datetime NULL, `program_id` text NOT NULL, `plan_version_id` text NOT NULL, PRIMARY KEY (`id`), CONSTRAINT `fk_terms_notices_merchant_id` FOREIGN KEY (`merchant_id`) REFERENCES `merchants` (`id`) ON DELETE NO ACTION, CONSTRAINT `terms_notices_plan_versions_plan_version` FOREIGN KEY (`merchant_id`, `plan_version_id`) REFERENCES `plan_versions` (`merchant_id`, `id`) ON UPDATE NO ACTION ON DELETE NO ACTION, CONSTRAINT `terms_notices_programs_program` FOREIGN KEY (`merchant_id`, `program_id`) REFERENCES `programs` (`merchant_id`, `id`) ON UPDATE NO ACTION ON DELETE NO ACTION);
CREATE UNIQUE INDEX `termsnotice_merchant_id_id` ON `terms_notices` (`merchant_id`, `id`);
CREATE UNIQUE INDEX `termsnotice_merchant_id_plan_version_id` ON `terms_notices` (`merchant_id`, `plan_version_id`);
CREATE INDEX `termsnotice_merchant_id_program_id` ON `terms_notices` (`merchant_id`, `program_id`);
CREATE INDEX `termsnotice_id` ON `terms_notices` (`id`) WHERE done_at IS NULL;
