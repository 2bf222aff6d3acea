-- +goose Up
-- The book: causes, reversal links and the instant a transaction counts from; locked periods; published exchange rates.
ALTER TABLE `ledger_entries` ADD COLUMN `effective_at` datetime NULL;
ALTER TABLE `ledger_transactions` ADD COLUMN `cause_id` text NULL;
ALTER TABLE `ledger_transactions` ADD COLUMN `reverses_id` text NULL;
ALTER TABLE `ledger_transactions` ADD COLUMN `event_at` datetime NULL;
CREATE INDEX `ledgertransaction_merchant_id_cause_id` ON `ledger_transactions` (`merchant_id`, `cause_id`) WHERE cause_id IS NOT NULL;
CREATE INDEX `ledgertransaction_merchant_id_reverses_id` ON `ledger_transactions` (`merchant_id`, `reverses_id`) WHERE reverses_id IS NOT NULL;
CREATE TABLE `exchange_rates` (`id` text NOT NULL, `created_at` datetime NOT NULL, `source` text NOT NULL, `day` text NOT NULL, `currency` text NOT NULL, `mantissa` integer NOT NULL, `scale` integer NOT NULL, PRIMARY KEY (`id`));
CREATE UNIQUE INDEX `exchangerate_source_currency_day` ON `exchange_rates` (`source`, `currency`, `day`);
CREATE TABLE `ledger_locks` (`id` text NOT NULL, `merchant_id` text NOT NULL, `created_at` datetime NOT NULL, `until` datetime NOT NULL, `reason` text NOT NULL, PRIMARY KEY (`id`), CONSTRAINT `fk_ledger_locks_merchant_id` FOREIGN KEY (`merchant_id`) REFERENCES `merchants` (`id`) ON DELETE NO ACTION);
CREATE UNIQUE INDEX `ledgerlock_merchant_id_id` ON `ledger_locks` (`merchant_id`, `id`);
CREATE INDEX `ledgerlock_merchant_id_created_at_id` ON `ledger_locks` (`merchant_id`, `created_at`, `id`);
CREATE UNIQUE INDEX `ledgerlock_merchant_id_until` ON `ledger_locks` (`merchant_id`, `until`);
-- +goose StatementBegin
CREATE TRIGGER ledger_locks_no_update BEFORE UPDATE ON ledger_locks BEGIN SELECT RAISE(ABORT, 'ledger_locks is append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER ledger_locks_no_delete BEFORE DELETE ON ledger_locks BEGIN SELECT RAISE(ABORT, 'ledger_locks is append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER exchange_rates_no_update BEFORE UPDATE ON exchange_rates BEGIN SELECT RAISE(ABORT, 'exchange_rates is append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER exchange_rates_no_delete BEFORE DELETE ON exchange_rates BEGIN SELECT RAISE(ABORT, 'exchange_rates is append-only'); END;
-- +goose StatementEnd
