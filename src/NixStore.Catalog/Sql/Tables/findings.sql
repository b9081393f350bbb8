-- What is wrong with an object: a narinfo that cannot be parsed, says what it must not, or cannot be read.
key VARCHAR,
kind VARCHAR,
detail VARCHAR,
e_tag VARCHAR                   -- of the object it was found in
