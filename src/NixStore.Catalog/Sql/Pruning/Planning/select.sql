-- Candidates, and what becomes of each by itself: 1 = it goes, else the reason for which it stays.
SELECT hash, CASE WHEN {young} THEN {youngMark} WHEN {fixed} THEN {fixedMark} WHEN {root} THEN {rootMark} WHEN {protected} THEN {protectedMark} ELSE 1 END AS mark
FROM narinfos
WHERE {candidate}
