-- What is billed, by groups and storage classes. {grouping}, {size}, {bytes}, {seconds}, {class}, {is_narinfo}: expressions over {source}, of which {condition} holds.
-- {bytes} are billed, {seconds} at least; {names} and the list behind it: the rules of the price list. byte_days: of bytes that are deleted now, the days for which they are billed all the same;
-- added up in parts none of which can overflow.
SELECT {grouping} AS group_name, {class} AS class, count() AS objects, total_size({bytes}) AS all_bytes,
    sum({bytes} * intDiv({seconds}, 86400)) + sum(intDiv({bytes}, 86400) * ({seconds} % 86400)) + intDiv(sum(({bytes} % 86400) * ({seconds} % 86400)), 86400) AS byte_days,
    countIf({size} >= transform(class, {names}, {monitored_bytes}, toInt64(9223372036854775807))) AS monitored,
    countIf({is_narinfo}) AS narinfos, sumIf(ifNull({size}, 0), {is_narinfo}) AS narinfo_bytes, max(NOT has({names}, class)) AS is_unknown
FROM {source}
WHERE {condition}
GROUP BY group_name, class
ORDER BY group_name, class
