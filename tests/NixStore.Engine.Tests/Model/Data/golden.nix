# Derivations of every shape; golden/*.drv are what nix-instantiate 2.34.8 made of it:
#   nix-instantiate --store local?root=$T golden.nix && cp $T/nix/store/*.drv golden/
let
  mk = a: derivation ({ system = "x86_64-linux"; builder = "/bin/sh"; } // a);
  fod = name: mode: algo: hash: extra: mk ({ inherit name; outputHashMode = mode; outputHashAlgo = algo; outputHash = hash; } // extra);
  of = algo: builtins.hashString algo "contents";
  text = builtins.toFile "text.conf" "plain";
  quoting = builtins.toFile "text-with-reference" "see ${text}";
  flat = fod "fixed-flat" "flat" "sha256" (of "sha256") { };
  flatAgain = fod "fixed-flat" "flat" "sha256" (of "sha256") { from = "elsewhere"; };
  all = [
    flat
    flatAgain
    (fod "fixed-md5" "flat" "md5" (of "md5") { })
    (fod "fixed-sha1" "flat" "sha1" (of "sha1") { })
    (fod "fixed-sha512" "flat" "sha512" (of "sha512") { })
    (fod "fixed-recursive" "recursive" "sha256" (of "sha256") { })
    (fod "fixed-recursive-sha1" "recursive" "sha1" (of "sha1") { })
    (fod "fixed-recursive-sha512" "recursive" "sha512" (of "sha512") { })
    (mk { name = "several-outputs"; outputs = [ "out" "dev" "doc" ]; inherit text; })
  ];
in [
  (mk {
    name = "escapes";
    args = [ "-c" "line\nreturn\rtab\tquote\"back\\slash" "" "ümlaut 日本" ];
    "a\"b" = "\\n is not \n";
    empty = "";
    latin = builtins.readFile ./latin1.txt;
  })
  # Both have the same hash modulo: one input remains of the two.
  (mk { name = "two-that-are-one"; inherit flat flatAgain quoting; })
  (mk { name = "top"; inherit all quoting; some = (builtins.elemAt all 8).dev; other = (builtins.elemAt all 8).doc; })
]
