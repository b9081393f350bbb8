-- The tables of Hydra that NixStore reads, for tests: Jobsets, Builds, BuildOutputs, BuildSteps and BuildStepOutputs, taken from
-- https://github.com/NixOS/hydra subprojects/hydra/sql/hydra.sql at 14332fbf55470184984bf76488960741510971d0 (GPL-3.0-or-later, as all of Hydra), without
-- comments, columns that no test needs, the foreign key to Jobsets, and triggers.

create table Jobsets (
    name          text not null,
    id            serial not null,
    project       text not null,
    enabled       integer not null default 1,
    hidden        integer not null default 0,
    keepnr        integer not null default 3,
    primary key   (project, name),
    constraint    jobsets_id_unique unique(id)
);

create table Builds (
    id            serial primary key not null,
    finished      integer not null,
    timestamp     integer not null,
    jobset_id     integer not null,
    job           text not null,
    nixName       text,
    drvPath       text not null,
    system        text not null,
    isCurrent     integer default 0,
    priority      integer not null default 0,
    startTime     integer,
    stopTime      integer,
    buildStatus   integer,
    keep          integer not null default 0,
    check (finished = 0 or (stoptime is not null and stoptime != 0)),
    check (finished = 0 or (starttime is not null and starttime != 0))
);

create table BuildOutputs (
    build         integer not null,
    name          text not null,
    path          text,
    primary key   (build, name),
    foreign key   (build) references Builds(id) on delete cascade
);

create table BuildSteps (
    build         integer not null,
    stepnr        integer not null,
    type          integer not null,
    drvPath       text not null,
    busy          integer not null,
    status        integer,
    errorMsg      text,
    startTime     integer,
    stopTime      integer,
    machine       text not null default '',
    system        text,
    propagatedFrom integer,
    overhead      integer,
    timesBuilt    integer,
    isNonDeterministic boolean,
    resolvedDrvPath  text,
    primary key   (build, stepnr),
    foreign key   (build) references Builds(id) on delete cascade,
    foreign key   (propagatedFrom) references Builds(id) on delete cascade,
    check ((status = 13) = (resolvedDrvPath is not null))
);

create table BuildStepOutputs (
    build         integer not null,
    stepnr        integer not null,
    name          text not null,
    path          text,
    primary key   (build, stepnr, name),
    foreign key   (build) references Builds(id) on delete cascade,
    foreign key   (build, stepnr) references BuildSteps(build, stepnr) on delete cascade
);

create index IndexBuildStepsOnStopTime on BuildSteps(stopTime desc) where startTime is not null and stopTime is not null;
create index IndexBuildStepOutputsOnPath on BuildStepOutputs(path);
