-- PostgreSQL: makes the narinfos of a range of hashes those of the table incoming. $1, $2: the range, without its lower end.
with removed as (
    delete from nixstore.narinfo n where n.hash > $1 and n.hash <= $2 and not exists (select from incoming i where i.hash = n.hash) returning 1
), written as (
    insert into nixstore.narinfo as n (hash, name, url, file_size, nar_size, refs)
    select hash, name, url, file_size, nar_size, refs from incoming
    on conflict (hash) do update
        set name = excluded.name, url = excluded.url, file_size = excluded.file_size, nar_size = excluded.nar_size, refs = excluded.refs
        where (n.name, n.url, n.file_size, n.nar_size, n.refs) is distinct from (excluded.name, excluded.url, excluded.file_size, excluded.nar_size, excluded.refs)
    returning xmax = 0 as is_new
)
select (select count(*) from written where is_new), (select count(*) from written where not is_new), (select count(*) from removed)
