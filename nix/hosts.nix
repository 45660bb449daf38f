# The host profiles, by name: what hosts/*.toml say.
{ lib }:
let
  files = lib.filterAttrs (name: _: lib.hasSuffix ".toml" name) (builtins.readDir ../hosts);
in
lib.mapAttrs' (
  file: _: lib.nameValuePair (lib.removeSuffix ".toml" file) (lib.importTOML (../hosts + "/${file}"))
) files
