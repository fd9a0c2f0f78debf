-- The moment of a tenant's last commit: none after it has an earlier one, whichever machine's clock it comes from.
ALTER TABLE change_counter ADD COLUMN last_at timestamptz;
