-- The day of a moment; NULL of what can be no moment of an upload, which a dataset may have all the same.
CREATE OR REPLACE TEMP MACRO report_day(moment) AS
    CASE WHEN moment::TIMESTAMP >= TIMESTAMP '1970-01-01' AND moment::TIMESTAMP < TIMESTAMP '9999-01-01' THEN moment::DATE END
