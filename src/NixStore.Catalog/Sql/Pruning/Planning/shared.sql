-- NARs that several narinfos name: those of paths that go stay when one of them stays, else they go with the least hash.
CREATE OR REPLACE TEMP TABLE doubled AS
SELECT n.hash, n.url, goes(n.hash) AS goes FROM narinfos n WHERE n.url IN (SELECT url FROM narinfos WHERE hash IN (SELECT hash FROM ({shared})));
CREATE OR REPLACE TEMP TABLE without_nar AS
SELECT hash FROM (SELECT hash, goes, min(goes) OVER (PARTITION BY url) AS all_go, row_number() OVER (PARTITION BY url ORDER BY hash) AS place FROM doubled)
WHERE goes = 1 AND (all_go = 0 OR place > 1);
-- A kept path's URL that a server would decode may be another one's NAR.
CREATE OR REPLACE TEMP TABLE kept_nars AS
SELECT DISTINCT unnest([url_decode(url), split_part(url, '?', 1), split_part(url, '#', 1), url_decode(split_part(split_part(url, '?', 1), '#', 1))]) AS url
FROM narinfos WHERE (has_escape(url)) AND goes(hash) = 0;
