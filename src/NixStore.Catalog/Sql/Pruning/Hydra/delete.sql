-- Rows of paths that were pruned; what goes is kept by the same statement, so that no row which Hydra adds meanwhile goes unseen.
with gone as (delete from buildstepoutputs o using pruned p where p.path = o.path returning o.*) insert into deleted select * from gone
