-- Narinfos of the listing that were not read.
SELECT count(*) FROM ({narinfos}) o ANTI JOIN narinfos n ON n.hash = o.hash
