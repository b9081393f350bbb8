-- The functions of Sql/macros.sql, and some that engines name differently. A call in the SQL of this folder, or in -Sql, is replaced by the expression.

starts_with(text, prefix) = startsWith(text, prefix);
ends_with(text, suffix) = endsWith(text, suffix);
contains(text, part) = position(text, part) > 0;

-- Sums wrap around here: of a total of 2^63 and more the halves, which do not, say so.
total_size(size) = sum(size) + throwIf(ifNull(sum(intDiv(size, 4294967296)) + intDiv(sum(size % 4294967296), 4294967296), 0) >= 2147483648);

package_name(name) = extract(name, '^(.*?)(?:-[^a-zA-Z].*)?$');
package_version(name) = extract(name, '^.*?(?:-([^a-zA-Z].*))?$');

object_kind(key) = multiIf(
    match(key, '^[0-9abcdfghijklmnpqrsvwxyz]{32}\\.narinfo$'), 'NarInfo',
    startsWith(key, 'nar/'), 'Nar',
    match(key, '^[0-9abcdfghijklmnpqrsvwxyz]{32}\\.ls(\\.[a-z0-9]+)?$'), 'Listing',
    startsWith(key, 'log/'), 'Log',
    startsWith(key, 'debuginfo/'), 'DebugInfo',
    startsWith(key, 'realisations/') OR startsWith(key, 'build-trace-v2/'), 'Realisation',
    key = 'nix-cache-info', 'CacheInfo',
    'Other');

price_class(storage_class, tier) = if(ifNull(storage_class, '') = 'INTELLIGENT_TIERING' AND ifNull(tier, '') NOT IN ('', 'FREQUENT'),
    concat('INTELLIGENT_TIERING/', ifNull(tier, '')), if(ifNull(storage_class, '') = '', 'STANDARD', ifNull(storage_class, '')));

is_fixed_output(ca) = startsWith(ifNull(ca, ''), 'fixed:') OR startsWith(ifNull(ca, ''), 'text:');

-- Days since the first of March of the year 0, of milliseconds since 1970.
march_days(time) = intDiv(time + 62162035200000, 86400000);
march_day_of_era(time) = march_days(time) % 146097;
march_year_of_era(time) = intDiv(march_day_of_era(time) - intDiv(march_day_of_era(time), 1460) + intDiv(march_day_of_era(time), 36524) - intDiv(march_day_of_era(time), 146096), 365);
march_month(time) = intDiv(5 * (march_day_of_era(time) - (365 * march_year_of_era(time) + intDiv(march_year_of_era(time), 4) - intDiv(march_year_of_era(time), 100))) + 2, 153);

-- Year and month, as 2026-02.
month_of(time) = concat(
    substring(toString(10000 + march_year_of_era(time) + 400 * intDiv(march_days(time), 146097) + if(march_month(time) < 10, 0, 1)), 2, 4), '-',
    substring(toString(100 + march_month(time) + if(march_month(time) < 10, 3, -9)), 2, 2));

-- Steps from the nearest root, where steps.sql is joined; -1 when no root leads there.
depth(hash) = toInt32(steps) - 1;

-- Of an object: a reader of the cache sees it.
is_visible(is_latest, is_delete_marker) = ifNull(is_latest, 1) AND NOT ifNull(is_delete_marker, 0);

-- Days since 1970 of milliseconds since then.
day_of(time) = march_days(time) - 719468;

-- A key that can be a NAR's and nothing else's, as of Pruning/Planning/macros.sql.
has_escape(key) = position(key, '%') > 0 OR position(key, '?') > 0 OR position(key, '#') > 0;
is_nar_key(key) = (startsWith(key, 'nar/') OR (object_kind(key) = 'Other' AND NOT startsWith(key, 'nixstore-trash/'))) AND NOT has_escape(key);

-- The derivation whose log an object is; empty when it is none.
log_derivation(key) = extract(key, '^log/([^/]+\\.drv)(?:\\.[a-z0-9]+)?$');

-- An object whose contents say to whom it belongs.
is_link(key) = startsWith(key, 'debuginfo/') OR startsWith(key, 'realisations/') OR startsWith(key, 'build-trace-v2/');

-- A finding that says only that nothing was read.
is_unread(kind) = ifNull(kind IN ('NarInfoMissing', 'NarInfoUnreadable'), 0);
