-- Derived: narinfos whose NAR another one, with a lesser hash, names too. Without these, each NAR is counted once.
hash VARCHAR
