-- Rows of paths that were pruned.
delete from buildstepoutputs o using pruned p where p.path = o.path
