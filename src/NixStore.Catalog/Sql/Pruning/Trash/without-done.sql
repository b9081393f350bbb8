-- Takes those away that are back or cleared. A line says which taking it undoes: what was taken again after that is in the trash.
DELETE FROM trash USING done WHERE done.plan = trash.plan AND done.key = trash.key AND done.taken_at >= trash.taken_at
