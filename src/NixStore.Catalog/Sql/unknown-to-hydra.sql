-- A condition over narinfos: Hydra does not know it. {range}: the hashes that are worked on.
NOT EXISTS (SELECT 1 FROM (SELECT hash FROM hydra WHERE {range}) h WHERE h.hash = narinfos.hash)
