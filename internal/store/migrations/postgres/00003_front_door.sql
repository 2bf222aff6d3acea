-- +goose Up
-- The front door: verified addresses and second factors, one-time codes, rotation and bounds of tokens, registered operations, shared allowances, a sandbox clock.
ALTER TABLE "api_tokens" ADD COLUMN "former_hash" bytea NULL, ADD COLUMN "former_expires_at" timestamptz NULL, ADD COLUMN "addresses" jsonb NULL, ADD COLUMN "registered_only" boolean NOT NULL DEFAULT false;
CREATE UNIQUE INDEX "api_tokens_former_hash_key" ON "api_tokens" ("former_hash");
ALTER TABLE "users" ADD COLUMN "email_verified_at" timestamptz NULL, ADD COLUMN "second_factor" bytea NULL, ADD COLUMN "second_factor_at" timestamptz NULL, ADD COLUMN "second_factor_step" bigint NOT NULL DEFAULT 0;
CREATE TABLE "rate_buckets" ("id" character varying NOT NULL COLLATE "C", "arrival_us" bigint NOT NULL, PRIMARY KEY ("id"));
CREATE TABLE "one_time_codes" ("id" character varying NOT NULL COLLATE "C", "created_at" timestamptz NOT NULL, "user_id" character varying NOT NULL COLLATE "C", "purpose" character varying NOT NULL, "hash" bytea NOT NULL, "expires_at" timestamptz NULL, "used_at" timestamptz NULL, PRIMARY KEY ("id"), CONSTRAINT "fk_one_time_codes_user_id" FOREIGN KEY ("user_id") REFERENCES "users" ("id") ON UPDATE NO ACTION ON DELETE NO ACTION);
CREATE UNIQUE INDEX "one_time_codes_hash_key" ON "one_time_codes" ("hash");
CREATE INDEX "onetimecode_user_id_purpose" ON "one_time_codes" ("user_id", "purpose");
ALTER TABLE "merchants" ADD COLUMN "clock_ahead_ms" bigint NOT NULL DEFAULT 0;
CREATE TABLE "persisted_operations" ("id" character varying NOT NULL COLLATE "C", "merchant_id" character varying NOT NULL COLLATE "C", "created_at" timestamptz NOT NULL, "hash" character varying NOT NULL COLLATE "C", "name" character varying NOT NULL, "document" text NOT NULL, "retired_at" timestamptz NULL, PRIMARY KEY ("id"), CONSTRAINT "fk_persisted_operations_merchant_id" FOREIGN KEY ("merchant_id") REFERENCES "merchants" ("id") ON DELETE NO ACTION);
CREATE UNIQUE INDEX "persistedoperation_merchant_id_id" ON "persisted_operations" ("merchant_id", "id");
CREATE INDEX "persistedoperation_merchant_id_created_at_id" ON "persisted_operations" ("merchant_id", "created_at", "id");
CREATE UNIQUE INDEX "persistedoperation_merchant_id_hash" ON "persisted_operations" ("merchant_id", "hash");
