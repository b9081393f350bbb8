-- An overlay store as one: the rows of its own database (main) and those of the lower store's (lower) that it has not copied yet.
-- Unqualified names mean these views, since SQLite looks for names in temp first. Nix's own answer to each question is the same: its own row,
-- else the lower's (local-overlay-store.cc: queryPathInfoUncached, queryReferrers).

-- Each row of the lower has an id here: that of the own row of the same path, or one above all own ids.
create temp table LowerIds (
    lowerId integer primary key,
    id      integer not null,
    isOwn   integer not null
);
insert into temp.LowerIds
    select l.id, coalesce(own.id, l.id + (select coalesce(max(id), 0) from main.ValidPaths)), own.id is not null
    from lower.ValidPaths l left join main.ValidPaths own on own.path = l.path;
create index temp.LowerIdsById on LowerIds (id) where isOwn = 0;

create temp view ValidPaths as
    select id, path, hash, registrationTime, deriver, narSize, ultimate, sigs, ca from main.ValidPaths
    union all
    select m.id, l.path, l.hash, l.registrationTime, l.deriver, l.narSize, l.ultimate, l.sigs, l.ca
    from temp.LowerIds m join lower.ValidPaths l on l.id = m.lowerId where m.isOwn = 0;

create temp view Refs as
    select referrer, reference from main.Refs
    union all
    select m.id, coalesce(target.id, -r.reference)
    from temp.LowerIds m join lower.Refs r on r.referrer = m.lowerId left join temp.LowerIds target on target.lowerId = r.reference
    where m.isOwn = 0;

create temp view DerivationOutputs as
    select drv, id, path from main.DerivationOutputs
    union all
    select m.id, o.id, o.path
    from temp.LowerIds m join lower.DerivationOutputs o on o.drv = m.lowerId where m.isOwn = 0;
