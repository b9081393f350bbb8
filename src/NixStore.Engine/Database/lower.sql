-- An overlay store as one: the rows of the lower store (lower) that its own database has not copied, and its own (main).
-- Unqualified names mean these views, since SQLite looks for names in temp first. Nix's own answer to each question is the same: its own row,
-- else the lower's (local-overlay-store.cc: queryPathInfoUncached, queryReferrers).

-- Ids of the lower's rows here: far below zero, where no own row ever is, so that whatever is registered meanwhile meets none of them; and in
-- the order of registration. A table, not an expression, since rows are looked up by them.
create temp table LowerIds (
    id      integer primary key,
    lowerId integer not null unique
);
insert into temp.LowerIds select id - 4611686018427387904, id from lower.ValidPaths where id between 0 and 4611686018427387903;

create temp view ValidPaths as
    select m.id, l.path, l.hash, l.registrationTime, l.deriver, l.narSize, l.ultimate, l.sigs, l.ca
    from temp.LowerIds m join lower.ValidPaths l on l.id = m.lowerId
    where not exists (select 1 from main.ValidPaths own where own.path = l.path)
    union all
    select id, path, hash, registrationTime, deriver, narSize, ultimate, sigs, ca from main.ValidPaths;

-- What a lower row refers to is the own row of that path, where there is one by now.
create temp view Refs as
    select m.id as referrer,
        coalesce(
            (select own.id from lower.ValidPaths target join main.ValidPaths own on own.path = target.path where target.id = r.reference),
            r.reference - 4611686018427387904) as reference
    from temp.LowerIds m join lower.ValidPaths l on l.id = m.lowerId join lower.Refs r on r.referrer = m.lowerId
    where not exists (select 1 from main.ValidPaths own where own.path = l.path)
    union all
    select referrer, reference from main.Refs;

create temp view DerivationOutputs as
    select m.id as drv, o.id, o.path
    from temp.LowerIds m join lower.ValidPaths l on l.id = m.lowerId join lower.DerivationOutputs o on o.drv = m.lowerId
    where not exists (select 1 from main.ValidPaths own where own.path = l.path)
    union all
    select drv, id, path from main.DerivationOutputs;
