-- +goose Up
-- The book: causes, reversal links and the instant a transaction counts from; locked periods; published exchange rates.
ALTER TABLE "ledger_entries" ADD COLUMN "effective_at" timestamptz NULL;
ALTER TABLE "ledger_transactions" ADD COLUMN "cause_id" character varying NULL COLLATE "C", ADD COLUMN "reverses_id" character varying NULL COLLATE "C", ADD COLUMN "event_at" timestamptz NULL;
CREATE INDEX "ledgertransaction_merchant_id_cause_id" ON "ledger_transactions" ("merchant_id", "cause_id") WHERE cause_id IS NOT NULL;
CREATE INDEX "ledgertransaction_merchant_id_reverses_id" ON "ledger_transactions" ("merchant_id", "reverses_id") WHERE reverses_id IS NOT NULL;
CREATE TABLE "exchange_rates" ("id" character varying NOT NULL COLLATE "C", "created_at" timestamptz NOT NULL, "source" character varying NOT NULL COLLATE "C", "day" character varying NOT NULL COLLATE "C", "currency" character varying NOT NULL COLLATE "C", "mantissa" bigint NOT NULL, "scale" bigint NOT NULL, PRIMARY KEY ("id"));
CREATE UNIQUE INDEX "exchangerate_source_currency_day" ON "exchange_rates" ("source", "currency", "day");
CREATE TABLE "ledger_locks" ("id" character varying NOT NULL COLLATE "C", "merchant_id" character varying NOT NULL COLLATE "C", "created_at" timestamptz NOT NULL, "until" timestamptz NOT NULL, "reason" character varying NOT NULL, PRIMARY KEY ("id"), CONSTRAINT "fk_ledger_locks_merchant_id" FOREIGN KEY ("merchant_id") REFERENCES "merchants" ("id") ON DELETE NO ACTION);
CREATE UNIQUE INDEX "ledgerlock_merchant_id_id" ON "ledger_locks" ("merchant_id", "id");
CREATE INDEX "ledgerlock_merchant_id_created_at_id" ON "ledger_locks" ("merchant_id", "created_at", "id");
CREATE UNIQUE INDEX "ledgerlock_merchant_id_until" ON "ledger_locks" ("merchant_id", "until");
ALTER TABLE "ledger_locks" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "ledger_locks" FORCE ROW LEVEL SECURITY;
CREATE POLICY "wall" ON "ledger_locks" USING ("merchant_id" = current_setting('app.merchant', true) OR current_setting('app.merchant', true) = '*');
CREATE TRIGGER ledger_locks_append_only BEFORE UPDATE OR DELETE ON ledger_locks FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER ledger_locks_no_truncate BEFORE TRUNCATE ON ledger_locks FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER exchange_rates_append_only BEFORE UPDATE OR DELETE ON exchange_rates FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER exchange_rates_no_truncate BEFORE TRUNCATE ON exchange_rates FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
