-- +goose Up
-- Commission is paid in the affiliate's currency, by a rate that stays with it; an adjustment says of which sort its reason is; affiliates dispute sales.
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
ALTER TABLE `programs` ADD COLUMN `dispute_days` integer NOT NULL DEFAULT (60);
ALTER TABLE `programs` ADD COLUMN `dispute_answer_days` integer NOT NULL DEFAULT (30);
ALTER TABLE `programs` ADD COLUMN `dispute_overdue` text NOT NULL DEFAULT ('ESCALATE');
CREATE TABLE `disputes` (`id` text NOT NULL, `merchant_id` text NOT NULL, `created_at` datetime NOT NULL, `updated_at` datetime NOT NULL, `version` integer NOT NULL DEFAULT (1), `kind` text NOT NULL, `status` text NOT NULL DEFAULT ('OPEN'), `sale_key` text NOT NULL, `order_external_id` text NOT NULL DEFAULT (''), `occurred_at` datetime NOT NULL, `currency` text NOT NULL, `amount_minor` integer NOT NULL, `click_id` text NOT NULL DEFAULT (''), `coupon_code` text NOT NULL DEFAULT (''), `evidence` text NOT NULL, `evidence_links` json NULL, `trace` json NULL, `staff_trace` json NULL, `opened_at` datetime NOT NULL, `answer_due_at` datetime NOT NULL, `answered_at` datetime NULL, `escalated_at` datetime NULL, `decided_at` datetime NULL, `automatic` bool NOT NULL DEFAULT (false), `effect` text NULL, `outcome` text NOT NULL DEFAULT (''), `outcome_id` text NOT NULL DEFAULT (''), `program_id` text NOT NULL, `affiliate_id` text NOT NULL, `conversion_id` text NULL, PRIMARY KEY (`id`), CONSTRAINT `disputes_affiliates_affiliate` FOREIGN KEY (`merchant_id`, `affiliate_id`) REFERENCES `affiliates` (`merchant_id`, `id`) ON UPDATE NO ACTION ON DELETE NO ACTION, CONSTRAINT `disputes_conversions_conversion` FOREIGN KEY (`merchant_id`, `conversion_id`) REFERENCES `conversions` (`merchant_id`, `id`) ON UPDATE NO ACTION ON DELETE NO ACTION, CONSTRAINT `disputes_programs_program` FOREIGN KEY (`merchant_id`, `program_id`) REFERENCES `programs` (`merchant_id`, `id`) ON UPDATE NO ACTION ON DELETE NO ACTION, CONSTRAINT `fk_disputes_merchant_id` FOREIGN KEY (`merchant_id`) REFERENCES `merchants` (`id`) ON DELETE NO ACTION);
CREATE UNIQUE INDEX `dispute_merchant_id_id` ON `disputes` (`merchant_id`, `id`);
CREATE INDEX `dispute_merchant_id_created_at_id` ON `disputes` (`merchant_id`, `created_at`, `id`);
CREATE UNIQUE INDEX `dispute_merchant_id_affiliate_id_program_id_sale_key` ON `disputes` (`merchant_id`, `affiliate_id`, `program_id`, `sale_key`) WHERE decided_at IS NULL;
CREATE INDEX `dispute_merchant_id_affiliate_id_created_at_id` ON `disputes` (`merchant_id`, `affiliate_id`, `created_at`, `id`);
CREATE INDEX `dispute_merchant_id_program_id_created_at_id` ON `disputes` (`merchant_id`, `program_id`, `created_at`, `id`);
CREATE INDEX `dispute_merchant_id_conversion_id` ON `disputes` (`merchant_id`, `conversion_id`);
CREATE INDEX `dispute_answer_due_at_id` ON `disputes` (`answer_due_at`, `id`) WHERE decided_at IS NULL;
CREATE TABLE `dispute_comments` (`id` text NOT NULL, `merchant_id` text NOT NULL, `created_at` datetime NOT NULL, `side` text NOT NULL, `text` text NOT NULL, `dispute_id` text NOT NULL, `affiliate_id` text NOT NULL, PRIMARY KEY (`id`), CONSTRAINT `dispute_comments_affiliates_affiliate` FOREIGN KEY (`merchant_id`, `affiliate_id`) REFERENCES `affiliates` (`merchant_id`, `id`) ON UPDATE NO ACTION ON DELETE NO ACTION, CONSTRAINT `dispute_comments_disputes_comments` FOREIGN KEY (`merchant_id`, `dispute_id`) REFERENCES `disputes` (`merchant_id`, `id`) ON UPDATE NO ACTION ON DELETE NO ACTION, CONSTRAINT `fk_dispute_comments_merchant_id` FOREIGN KEY (`merchant_id`) REFERENCES `merchants` (`id`) ON DELETE NO ACTION);
CREATE UNIQUE INDEX `disputecomment_merchant_id_id` ON `dispute_comments` (`merchant_id`, `id`);
CREATE INDEX `disputecomment_merchant_id_created_at_id` ON `dispute_comments` (`merchant_id`, `created_at`, `id`);
CREATE INDEX `disputecomment_merchant_id_dispute_id_created_at_id` ON `dispute_comments` (`merchant_id`, `dispute_id`, `created_at`, `id`);
CREATE INDEX `disputecomment_merchant_id_affiliate_id` ON `dispute_comments` (`merchant_id`, `affiliate_id`);
-- +goose StatementBegin
CREATE TRIGGER dispute_comments_no_update BEFORE UPDATE ON dispute_comments BEGIN SELECT RAISE(ABORT, 'dispute_comments is append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER dispute_comments_no_delete BEFORE DELETE ON dispute_comments BEGIN SELECT RAISE(ABORT, 'dispute_comments is append-only'); END;
-- +goose StatementEnd
