-- Lines of access logs as requests with certain answers: S3's server access logs, CloudFront's (tabs), JSON objects as Fastly's of cache.nixos.org, and what has
-- [time] "request" status in it as the combined format does. What is none of them has no time.
WITH lines AS (
    SELECT line,
        CASE WHEN starts_with(line, '{') AND json_valid(line) THEN json_extract_string(line, ['$.timestamp', '$.time', '$.request_method', '$.method',
            '$.url', '$.request_uri', '$.uri', '$.path', '$.response_status', '$.status', '$.fastly_is_edge']) END AS j,
        CASE WHEN regexp_matches(line, '^\d{4}-\d\d-\d\d\t') THEN string_split(line, chr(9)) END AS t
    FROM read_csv([{files}], auto_detect = false, header = false, delim = chr(1), quote = '', escape = '', encoding = 'latin-1',
        ignore_errors = true, strict_mode = false, max_line_size = 4194304, compression = '{compression}', columns = {'line': 'VARCHAR'})
    WHERE line IS NOT NULL AND line <> '' AND NOT starts_with(line, '#')
), fields AS (
    SELECT CASE
        WHEN j IS NOT NULL THEN {
            'time': replace(coalesce(j[1], j[2], ''), 'Z', '+0000'),
            'method': coalesce(j[3], j[4], 'GET'),
            'key': coalesce(j[5], j[6], j[7], j[8], ''),
            -- A request that goes through two of Fastly's servers is in the logs of both.
            'status': CASE WHEN j[11] = 'false' THEN '0' ELSE coalesce(j[9], j[10], '') END }
        WHEN t IS NOT NULL THEN { 'time': concat(t[1], 'T', t[2], '+0000'), 'method': t[6], 'key': t[8], 'status': t[9] }
        WHEN regexp_matches(line, '^\S+ \S+ \[[^\]]+\] \S+ \S+ \S+ [A-Z0-9]+\.[A-Z_.]+ ')
            THEN regexp_extract(line, '^\S+ \S+ \[([^\]]+)\] \S+ \S+ \S+ (\S+) (\S+) (?:"[^"]*"|-) (\d{3}|-) ', ['time', 'method', 'key', 'status'])
        ELSE regexp_extract(line, '\[([^\]]+)\] "([A-Z]+) (\S+)[^"]*" (\d{3})(?: |$)', ['time', 'method', 'key', 'status'])
        END AS f
    FROM lines
), requests AS (
    SELECT try_strptime(f.time, ['%d/%b/%Y:%H:%M:%S %z', '%Y-%m-%dT%H:%M:%S%z']) AS time,
        regexp_full_match(f.method, '(REST\.|WEBSITE\.)?(GET|HEAD)(\.OBJECT)?') AND regexp_full_match(f.status, '{answers}') AS is_answered,
        url_decode(regexp_replace(f.key, '\?.*$', '')) AS key
    FROM fields
)
SELECT CAST(time AS TIMESTAMP_MS) AS time,
    CASE WHEN is_answered THEN nullif(regexp_extract(key, '(?:^|/)([0-9abcdfghijklmnpqrsvwxyz]{32})\.narinfo$', 1), '') END AS hash,
    CASE WHEN is_answered THEN nullif(regexp_extract(key, '(?:^|/)(nar/[^/]+)$', 1), '') END AS nar
FROM requests
