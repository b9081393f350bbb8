-- What a reconciliation works with: narinfos of the cache, keys between which everything was taken, who needs what, and what stays of the plan.
CREATE OR REPLACE TEMP TABLE listed (hash VARCHAR, is_fresh BOOLEAN, is_back BOOLEAN, e_tag VARCHAR, modified TIMESTAMP_MS);
CREATE OR REPLACE TEMP TABLE taken (first VARCHAR, last VARCHAR);
CREATE OR REPLACE TEMP TABLE claims (hash VARCHAR, key VARCHAR, drv VARCHAR, because VARCHAR);
CREATE OR REPLACE TEMP TABLE kept (hash VARCHAR, key VARCHAR, because VARCHAR)
