-- Of a batch: paths that were pruned, and the rows that were deleted.
create temp table pruned (path text) on commit delete rows;
create temp table deleted (like buildstepoutputs) on commit delete rows
