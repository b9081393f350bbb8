-- Rows whose steps Hydra still has come back; those that are there stay.
insert into buildstepoutputs select u.* from undo u join buildsteps s on s.build = u.build and s.stepnr = u.stepnr
where $1::text[] is null or u.path = any ($1::text[])
on conflict do nothing
