-- Takes those away that are back or cleared.
DELETE FROM trash USING done WHERE done.plan = trash.plan AND done.key = trash.key
