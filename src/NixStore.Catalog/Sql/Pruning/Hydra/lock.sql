-- Nobody adds rows of these paths between the copy and the deletion; those who read are not kept waiting.
select 1 from buildstepoutputs o join pruned p on p.path = o.path for update of o
