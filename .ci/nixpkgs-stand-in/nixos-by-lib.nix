# A machine's configuration by nixpkgs' own module system: types, priorities and merging are the
# real ones. An option is declared by NixOS' own file where ./nixpkgs has it, otherwise by
# options.nix. Only the options that hosts/ and nix/ set are looked at: the rest of NixOS is not
# there.
{ lib, pkgs }:
{ modules, ... }:
let
  known = import ./options.nix { inherit lib; };
  own = file: ./nixpkgs/nixos/modules + "/${file}";
  files = lib.unique (lib.mapAttrsToList (_: option: option.file) known);
  real = builtins.filter (file: builtins.pathExists (own file)) files;
  declared = lib.filterAttrs (_: option: !builtins.elem option.file real) known;
  machine = lib.evalModules {
    specialArgs = {
      modulesPath = toString ./nixpkgs/nixos/modules;
    };
    modules =
      modules
      ++ map own real
      ++ lib.mapAttrsToList (path: option: {
        options = lib.setAttrByPath (lib.splitString "." path) (
          # Nothing but what a module sets has a value.
          lib.mkOption { inherit (option) type; }
        );
      }) declared
      ++ [
        {
          # NixOS' own files set options of others that are not here.
          _module.check = real == [ ];
          _module.args.pkgs = pkgs;
        }
      ];
  };
  path = lib.splitString ".";
  value =
    option:
    let
      found = lib.getAttrFromPath (path option) machine.options;
    in
    if found.isDefined then lib.getAttrFromPath (path option) machine.config else null;
  values = lib.genAttrs (builtins.attrNames known) value;
in
{
  inherit pkgs;
  inherit (machine) options;
  # The options, by their whole names, whose declaration is this folder's and not NixOS' own.
  uncovered = builtins.attrNames declared;
  inherit values;
  config = machine.config // {
    system = (machine.config.system or { }) // {
      build.toplevel = pkgs.writeText "system.json" (builtins.toJSON values);
    };
  };
}
