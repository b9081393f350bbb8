-- PostgreSQL: the tables that Export-HydraReference fills, in a schema of their own beside Hydra's.
create schema if not exists nixstore;

create table if not exists nixstore.narinfo (
    hash text collate "C" primary key check (length(hash) = 32),
    name text not null,
    url text not null,
    file_size bigint,
    nar_size bigint,
    refs text[] not null
);
comment on table nixstore.narinfo is 'One row a narinfo of the binary cache.';
comment on column nixstore.narinfo.hash is 'The 32 characters of the store path''s hash.';
comment on column nixstore.narinfo.name is 'What follows the hash in the store path.';
comment on column nixstore.narinfo.url is 'Key of the NAR in the bucket. Several narinfos may name the same.';
comment on column nixstore.narinfo.refs is 'Hashes of the store paths that it refers to, itself included if it does.';

create or replace view nixstore.reference as
    select hash as referrer, unnest(refs) as reference from nixstore.narinfo;
comment on view nixstore.reference is 'One row a reference: both are hashes.';

create or replace view nixstore.output as
    select o.build, o.stepnr, o.name as output, o.path, n.hash, n.url, n.file_size, n.nar_size, n.refs
    from buildstepoutputs o
    join nixstore.narinfo n on n.hash = substr(o.path, {start}, 32) and o.path = {directory} || n.hash || '-' || n.name;
comment on view nixstore.output is 'What is in the cache of the outputs of Hydra''s build steps.';

create table if not exists nixstore.export (
    only_row boolean primary key default true check (only_row),
    cache text not null,
    state text not null,
    last_hash text collate "C" not null,
    finished boolean not null
);
comment on table nixstore.export is 'How far the export is: which narinfos (state), up to which hash.';
