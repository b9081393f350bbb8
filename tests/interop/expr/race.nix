# A small derivation of its own name that needs another one and a source, both of which many others need as well.
{ shared, own }:
let
  make = name: more: derivation ({
    inherit name;
    system = builtins.currentSystem;
    builder = "/bin/sh";
    args = [ "-c" "echo $name $hosts $source > $out" ];
  } // more);
in make "race-${own}" {
  hosts = make "hosts-${shared}" { };
  source = builtins.toFile "source-${shared}" "shared by those of ${shared}\n";
}
