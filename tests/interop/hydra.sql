-- A stand-in for Hydra's database: the tables and columns that NixStore asks, with Hydra's names, types and keys, as its documentation and queries
-- have them; no more than that.

create table jobsets (
    id serial unique not null,
    project text not null,
    name text not null,
    primary key (project, name)
);

create table builds (
    id serial primary key,
    jobset_id integer not null,
    job text not null,
    system text not null,
    drvpath text not null,
    timestamp integer not null,
    finished integer not null,
    starttime integer,
    stoptime integer,
    buildstatus integer,
    keep integer not null default 0
);

create table buildoutputs (
    build integer not null references builds,
    name text not null,
    path text,
    primary key (build, name)
);

create table buildsteps (
    build integer not null references builds,
    stepnr integer not null,
    type integer not null,
    drvpath text not null,
    busy integer not null,
    status integer,
    system text,
    starttime integer,
    stoptime integer,
    primary key (build, stepnr)
);

create table buildstepoutputs (
    build integer not null,
    stepnr integer not null,
    name text not null,
    path text,
    primary key (build, stepnr, name),
    foreign key (build, stepnr) references buildsteps (build, stepnr)
);
create index on buildstepoutputs (path);
