# A machine's configuration as the union of what its modules set, held to the names and types of
# options.nix, without priorities or NixOS' own modules: lists are joined, of other values the last
# one stands. Its "system" is the configuration as JSON.
{ lib, pkgs }:
{ modules, ... }:
let
  inherit (builtins)
    attrNames
    concatLists
    concatMap
    filter
    isAttrs
    isFunction
    isList
    ;
  is = type: value: isAttrs value && value._type or null == type;
  plain = value: isAttrs value && !(value ? _type) && !(value ? outPath);
  last = list: builtins.elemAt list (builtins.length list - 1);

  # What conditions let through, of one definition.
  through =
    value:
    if is "if" value then
      if value.condition then through value.content else [ ]
    else if is "merge" value then
      concatMap through value.contents
    else if is "override" value then
      through value.content
    else
      [ value ];
  having = name: filter (set: set ? ${name});

  # One value of several, inside of an option.
  join =
    definitions:
    let
      values = concatMap through definitions;
    in
    if builtins.all plain values then
      let
        names = lib.unique (concatMap attrNames values);
        set = name: concatMap through (map (v: v.${name}) (having name values));
      in
      lib.genAttrs (filter (name: set name != [ ]) names) (name: join (set name))
    else if builtins.all isList values then
      concatLists values
    else
      last values;

  # One option: its default where nothing sets it, held to its type.
  decide =
    path: option: definitions:
    let
      values = concatMap through definitions;
      value = if values == [ ] then option.default or null else join values;
    in
    if values == [ ] || option.type.check value then
      value
    else
      throw "the option `${path}` is not of type ${option.type.name}: ${builtins.toJSON value}";

  # A level of the tree of options. A name that is set and not declared is an error.
  level =
    path: declarations: definitions:
    let
      values = concatMap through definitions;
      below = name: if path == "" then name else "${path}.${name}";
      unknown = filter (name: !declarations ? ${name}) (concatMap attrNames values);
      set = name: map (v: v.${name}) (having name values);
    in
    if unknown != [ ] then
      throw "there is no option `${below (builtins.head unknown)}`"
    else
      lib.mapAttrs (
        name: declared: (if is "option" declared then decide else level) (below name) declared (set name)
      ) declarations;

  # A condition around a whole module goes to the settings in it, since it may ask for others.
  settings =
    module:
    let
      all =
        module.config or (builtins.removeAttrs module [
          "imports"
          "options"
        ]);
    in
    if is "if" all then lib.mapAttrs (_: lib.mkIf all.condition) all.content else all;

  load =
    module:
    let
      found = if isFunction module then module arguments else module;
    in
    if isAttrs found then [ found ] ++ concatMap load (found.imports or [ ]) else load (import found);
  all = concatMap load modules;

  declarations = builtins.foldl' lib.recursiveUpdate { } (
    lib.mapAttrsToList (
      path: option: lib.setAttrByPath (lib.splitString "." path) (lib.mkOption { inherit (option) type; })
    ) (import ./options.nix { inherit lib; })
    ++ map (m: m.options or { }) all
  );
  config = level "" declarations (map settings all);
  arguments = {
    inherit lib pkgs config;
  };
in
{
  inherit pkgs;
  config = config // {
    system = config.system // {
      build.toplevel = pkgs.writeText "system.json" (builtins.toJSON config);
    };
  };
}
