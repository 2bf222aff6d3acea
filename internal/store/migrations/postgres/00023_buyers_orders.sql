-- +goose Up
-- What a buyer ordered in a program from a time on is found by an index of its own.
DROP INDEX "conversion_merchant_id_customer_id";
CREATE INDEX "conversion_merchant_id_customer_id_program_id_occurred_at" ON "conversions" ("merchant_id", "customer_id", "program_id", "occurred_at");
-- What is owed for an order is found also where some of it was superseded.
CREATE INDEX "commission_merchant_id_conversion_id" ON "commissions" ("merchant_id", "conversion_id");
